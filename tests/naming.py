"""Names of parametrised tests."""


def named(value: object) -> str:
    """Return a name without brackets: pytest finds no test by one with them, so nobody could run it by itself."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return ascii(text)[1:-1].translate(str.maketrans("[]", "()"))
