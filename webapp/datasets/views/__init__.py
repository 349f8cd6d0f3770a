"""Pages of datasets: browse, upload, and the images themselves."""
