"""Ends a text at a stop string, also where it arrives in pieces that cut the string apart."""

from collections.abc import Sequence


class StopScanner:
    """Passes text on except what could still turn out to be the beginning of a stop string."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._held = ""
        self.is_stopped = False

    def feed(self, piece: str) -> str:
        """What may be shown now. After a stop string was met, nothing more."""
        if self.is_stopped:
            return ""
        text = self._held + piece
        found = [(text.find(stop) + len(stop), text.find(stop)) for stop in self._stops]
        complete = [(end, start) for end, start in found if start >= 0]
        if complete:
            # The one that is complete first, as for a model that stops at the moment it is.
            self.is_stopped, self._held = True, ""
            return text[: min(complete)[1]]
        keep = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def rest(self) -> str:
        """What was held back, once it is clear that no more text comes."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of the text begin the stop string."""
    longest = min(len(text), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if stop.startswith(text[-n:])), 0)


def until_stop(text: str, stops: Sequence[str]) -> str:
    """The text before the first stop string."""
    return StopScanner(stops).feed(text) if _has_stop(text, stops) else text


def _has_stop(text: str, stops: Sequence[str]) -> bool:
    return any(stop in text for stop in stops)
