"""``licence-agent`` with one weakness: it believes the wall clock, or (LICENCE_WEAK=highest) the latest one it saw."""

import os

from agent.cli.program import main
from agent.domain.time import AgentTime

__all__ = ["main"]

HIGHEST = [0]


def believed(time: AgentTime) -> int:
    if os.environ.get("LICENCE_WEAK") != "highest":
        return time.wall_at
    HIGHEST[0] = max(HIGHEST[0], time.wall_at)
    return HIGHEST[0]


setattr(AgentTime, "now", property(believed))  # noqa: B010 - mypy knows that nobody else may do so

if __name__ == "__main__":
    main()
