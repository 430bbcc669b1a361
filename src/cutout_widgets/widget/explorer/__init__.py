"""`Explorer`: a grid with linked plots: a scatter plot, a detector map and a light curve."""
