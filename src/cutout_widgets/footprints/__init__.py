"""Which pixels belong to a source."""
