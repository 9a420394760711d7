"""`ai config path`: where settings are."""

from quintet.platform.config.load import project_file
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"config.path/1": {"user": str, "project": str | None}},
    examples=("ai config path", "ai config path --json"),
)
def path(session: Session) -> None:
    """The file of your own settings; with --json also that of the project, if there is one."""
    own = session.app.config.file
    project = project_file(session.app.cwd)
    session.show("config.path/1", {"user": own, "project": project}, str(own))
