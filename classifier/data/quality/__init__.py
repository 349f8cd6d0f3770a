"""What is wrong with a dataset's images and labels: found from thumbnails and one look of a trained network, in bounded memory."""
