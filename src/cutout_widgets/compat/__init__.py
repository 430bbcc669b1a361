"""Drop-in replacements: other packages' names and conventions, translated to the core."""
