"""Which sources are selected: ids, or a rule over filtered and sorted rows."""
