"""The stations of the tour: what each shows, and the command that shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Station:
    """A command to run in the made world, and the sentence that goes before it."""

    says: str
    words: tuple[str, ...]


TOUR = (
    Station("What could this machine run? Measured here, nothing downloaded.", ("edge", "fit")),
    Station("Your files can be asked. First they are read, once,", ("edge", "index", "notes")),
    Station(
        "then they answer in their own words, and say where.",
        ("edge", "ask", "when was the boiler serviced?"),
    ),
    Station("A test fails. Which lines are to blame?", ("code", "locate", "shop")),
    Station("Where are the cuts in this clip, and why there?", ("video", "scenes", "clip.y4m")),
    Station("A calendar goes into an encrypted store,", ("life", "add", "calendar.ics")),
    Station("and this is what the day brings.", ("life", "brief")),
    Station(
        "An invoice arrives. A workflow files it and books it.",
        ("ops", "trigger", "invoice-received", "--event", "@invoice.json", "--yes"),
    ),
    Station("All of it is in one record,", ("log",)),
    Station("each entry with its reasons and evidence,", ("why", "@ops-1")),
    Station("and what changed something can be taken back.", ("undo", "@ops-1")),
    Station("Where did the time go, in the last of these?", ("trace", "show")),
    Station("The record is a chain. Nobody rewrote it:", ("log", "verify")),
    Station(
        "And none of this needs a network: the kernel is the witness.",
        ("prove", "offline", "--", "ai", "life", "brief", "--quiet"),
    ),
)
