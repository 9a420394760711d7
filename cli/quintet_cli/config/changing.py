"""The one way in which a verb changes a setting: planned, recorded, and honest about its effect."""

from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.config.effects import SettingEffects, plan_setting
from quintet.platform.config.layer import Source
from quintet.platform.policy.plan import Plan
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session

CHANGED = {
    "key": str,
    "value": str | None,
    "changed": bool,
    "file": Path,
    "overridden_by": str,
}
_STRONGER = (Source.FLAG, Source.ENVIRONMENT, Source.PROJECT)


def change(session: Session, key: str, text: str | None, *, group: str = "config") -> None:
    """Set a key in the user's own file, or with None unset it."""
    config = session.app.config
    plan = plan_setting(config.file, config.schema.target(key), text, group=group)
    if plan.effects and not _carried(session, plan):
        return
    stronger = _stronger(session, key)
    if stronger:
        session.console.note(f"note: {stronger} sets it too, and is stronger")
    body = {
        "key": key,
        "value": text,
        "changed": bool(plan.effects),
        "file": config.file,
        "overridden_by": stronger,
    }
    already = "" if plan.effects else " already"
    human = f"{key} is not set in {config.file}" if text is None else f"{key} = {text}{already}"
    session.show(f"{group}.{plan.verb}/1", body, human)


def hindrance(session: Session) -> QuintetError | None:
    """Why changes cannot be recorded now: the settings of the record itself may be what is bad."""
    try:
        _ = session.app.record, session.app.gate
    except QuintetError as error:
        return error
    return None


def _carried(session: Session, plan: Plan) -> bool:
    reason = hindrance(session)
    if reason is None or session.flags.dry_run:
        action = carry(session, plan)
        if action:
            session.done(action, plan.summary)
        return action is not None
    for effect in plan.effects:
        SettingEffects().apply(effect)
    session.console.note(f"note: this was not recorded: {reason}")
    return True


def _stronger(session: Session, key: str) -> str:
    """Who overrides the user's file for this key; the present value may be what is being mended."""
    try:
        setting = session.app.config.explain(key)
    except QuintetError:
        return ""
    return setting.where if setting.source in _STRONGER else ""
