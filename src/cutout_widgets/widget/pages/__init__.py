"""Pages of cutouts: choosing rows, reading their cutouts, making tiles."""
