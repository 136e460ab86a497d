"""Where a crash happened, without what it was about: an error's own text may hold a code or a key."""

import traceback

_MOST = 12


def frames(error: BaseException) -> list[str]:
    """Return ``file:line function`` of the innermost calls, outermost first."""
    calls = traceback.extract_tb(error.__traceback__)[-_MOST:]
    return [f"{call.filename}:{call.lineno} {call.name}" for call in calls]
