"""Sizes in readable form."""

UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB")


def in_binary_units(size_bytes: int) -> str:
    """Return the size with one decimal: "5 B", "2.0 MiB", "11.2 GiB"."""
    if size_bytes < 1024:
        return f"{size_bytes} B"
    size = float(size_bytes)
    for unit in UNITS:
        if size < 1023.95 or unit == UNITS[-1]:  # so that rounding never produces "1024.0"
            break
        size /= 1024
    return f"{size:.1f} {unit}"
