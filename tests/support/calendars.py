"""Calendar files as programs write them, with the parts that a test cares about."""


def calendar(*components: str, head: str = "") -> bytes:
    """A file around components that are given as lines."""
    body = "".join(f"{component.strip()}\n" for component in components)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{head}{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def event(title: str, start: str, *lines: str, uid: str = "") -> str:
    """`start` is what follows DTSTART: `:20260302T090000Z` or `;VALUE=DATE:20260302`."""
    extra = "".join(f"{line}\n" for line in lines)
    name = uid or title
    return f"BEGIN:VEVENT\nUID:{name}\nSUMMARY:{title}\nDTSTART{start}\n{extra}END:VEVENT\n"


def task(title: str, *lines: str) -> str:
    extra = "".join(f"{line}\n" for line in lines)
    return f"BEGIN:VTODO\nUID:{title}\nSUMMARY:{title}\n{extra}END:VTODO\n"
