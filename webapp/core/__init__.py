"""What every app shares and that knows none of them."""
