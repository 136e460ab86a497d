"""What doctor looks at when a command has it look: this machine, this process's environment, and an agent."""

import os

from agent.daemon.assembly import Agent
from agent.doctor.network import Network
from agent.doctor.subject import Subject
from agent.doctor.system import System


def subject_of(
    agent: Agent, server: str | None = None, root: bytes | None = None, *, replaces: bool = False
) -> Subject:
    """Return what there is to look at; see Subject."""
    return Subject(agent, Network(os.environ), System(), server, root, replaces)
