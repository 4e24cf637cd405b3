"""Models of full size with random weights, for measuring speed; see README.md."""
