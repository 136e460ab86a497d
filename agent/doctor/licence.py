"""Checks: what lies in the home is whole, and what it allows."""

from agent.doctor.service import is_running
from agent.doctor.subject import Subject
from agent.domain.faults import remembered, sentence
from agent.healing import Healing
from agent.store.seats import journal_flaw
from keys.checkup import Finding, State
from keys.sentences import Translated, phrase, together

DAY = 86_400


def trust(subject: Subject) -> Finding:
    """Check how long the vendor's list of keys is good for."""
    judging = subject.agent.judging
    pinned, now = judging.holding.trust(), judging.standing().now
    days = (pinned.expires_at - now) // DAY
    if days < 0:
        said = phrase("Version {version} is {days} days past its end.", version=str(pinned.version), days=-days)
        return Finding("trust", "warning", said, phrase("Reach the server."))
    said = phrase(
        "Version {version} of {issuer}, good for {days} days.",
        version=str(pinned.version),
        issuer=pinned.issuer,
        days=days,
    )
    return Finding("trust", "ok", said)


def licence(subject: Subject) -> Finding:
    """Check what the licence allows now."""
    standing = subject.agent.judging.standing()
    state: dict[str, State] = {"full": "ok", "grace": "warning"}
    notice = None if standing.mode == "full" or not standing.notices else standing.notices[0]
    remedy = "" if notice is None else Translated(notice.en, {"fa": notice.fa})
    said = phrase("{mode}: {reason}.", mode=standing.mode, reason=standing.reason)
    return Finding("licence", state.get(standing.mode, "failed"), said, remedy)


def validation(subject: Subject) -> Finding:
    """Check how the last validation went."""
    _, last = subject.agent.around.tallies.progress()
    if last is None:
        return Finding("validation", "ok", phrase("None was tried yet."))
    if last.word == "answered":
        return Finding(
            "validation", "ok", phrase("The last one was answered. {sentence}", sentence=remembered(last.sentence))
        )
    said = sentence(last.word, last.sentence, subject.agent.judging.standing())
    return Finding("validation", "warning", said)


def state(subject: Subject) -> Finding:
    """Check whether every file of the agent is as it was written."""
    home = subject.agent.home
    damages = Healing(home, subject.agent.around).examine()
    if not damages:
        aside = ", ".join(sorted(path.name for path in home.folder.glob("*.damaged-*")))
        said = phrase("Every file of the agent is as it was written.")
        kept = phrase("Kept from earlier damage: {names}.", names=aside) if aside else ""
        return Finding("state", "ok", together(said, kept))
    said = together(*(damage.said for damage in damages))
    left = [damage.after for damage in damages if damage.cure == "none"]
    if left:
        return Finding("state", "failed", said, together(*left), word="state-damaged")
    mends = phrase("licence-agent run, and every command that changes something, mends it.")
    return Finding("state", "warning", said, mends, word="state-mendable")


def journal(subject: Subject) -> Finding:
    """Check whether the seats' journal can be read."""
    if is_running(subject):
        return Finding("journal", "ok", phrase("The running agent has the seats' journal open."))
    path = subject.agent.home.journal
    flaw = journal_flaw(path)
    if flaw:
        remedy = phrase("licence-agent run keeps it aside and begins a new one; who holds a seat asks for one again.")
        said = phrase("{journal} is damaged: {flaw}.", journal=str(path), flaw=flaw)
        return Finding("journal", "warning", said, remedy, word="journal-damaged")
    return Finding("journal", "ok", phrase("The seats' journal is whole, or not begun yet."))
