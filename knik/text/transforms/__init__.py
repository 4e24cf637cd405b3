"""One kind of written thing a module; each has `spoken(text) -> text`."""
