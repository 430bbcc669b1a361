"""Image stores: where pixels come from. Each module is one kind of place; `base` is the contract."""
