"""Pages of cutouts: which rows, their cutouts, and the tiles made of them."""
