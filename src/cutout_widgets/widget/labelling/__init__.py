"""The grid's side of labels: choices, requests, columns, the journal watched."""
