"""TableData: rows of DiaSources, what their columns mean, their flags and their histories."""
