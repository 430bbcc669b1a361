"""One object over time: light curve, epochs, movie."""
