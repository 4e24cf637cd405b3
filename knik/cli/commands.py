"""Lines that begin with a slash."""

from collections.abc import Callable

from knik.session.session import Session

HELP = (
    "/help  /stop be silent (Esc)  /voice NAME  /speed 1.2  /new forget the conversation  /quit. "
    "Any other line is said to knik."
)


def enter_line(session: Session, line: str, quit_: Callable[[], None]) -> None:
    """Do what an entered line asks for: a command, or something said to knik."""
    if not line.startswith("/"):
        if line:
            session.type_line(line)
        return
    name, _, value = line[1:].partition(" ")
    value = value.strip()
    note = HELP
    if name == "stop":
        session.stop_speaking()
        return
    if name in ("quit", "exit", "q"):
        quit_()
        return
    if name == "new":
        session.forget()
        note = "A new conversation."
    elif name == "voice" and value:
        session.choose_voice(value)
        note = f"Voice: {value}."
    elif name == "speed":
        note = _choose_speed(session, value)
    elif name != "help":
        note = f"There is no /{name}. {HELP}"
    session.journal.add("notice", 0, note)


def _choose_speed(session: Session, value: str) -> str:
    try:
        speed = float(value)
    except ValueError:
        speed = 0.0
    if not 0.5 <= speed <= 2.0:
        return "Give a speed from 0.5 to 2.0, such as /speed 1.2."
    session.choose_speed(speed)
    return f"Speed: {speed:g}."
