"""What may go wrong with keys. A locked keyset, a wrong key, a changed file and a lost file are
four different things to a person, so they are four errors."""

from quintet.errors import Kind, QuintetError


class KeysLocked(QuintetError):
    """Nothing that was tried opens the keyset, and there is nobody to ask."""

    kind = Kind.NEEDS_APPROVAL
    code = "keys.locked"


class WrongKey(QuintetError):
    """The key that was given does not belong to the slot that it was tried on."""

    kind = Kind.INTEGRITY
    code = "keys.wrong_key"


class ForeignKey(WrongKey):
    """The key is whole, but it was made for another keyset."""

    code = "keys.foreign"


class KeysTampered(QuintetError):
    """The keyset's file is not what was written: damaged, cut short, or changed by somebody."""

    kind = Kind.INTEGRITY
    code = "keys.tampered"


class KeysMissing(QuintetError):
    """Sealed data is expected, but the key for it is not here."""

    kind = Kind.INTEGRITY
    code = "keys.missing"


class KeysNewer(QuintetError):
    """A newer version of the program wrote the keyset."""

    kind = Kind.UNAVAILABLE
    code = "keys.newer"


class KeysBusy(QuintetError):
    """Another process has been changing the keyset for too long."""

    kind = Kind.BUSY
    code = "keys.busy"


class SlotUnavailable(QuintetError):
    """The place that a slot's secret comes from does not answer, here and now."""

    kind = Kind.UNAVAILABLE
    code = "keys.slot_unavailable"
