"""What the licence server or the running agent refused in English, for a reader of another language."""

from collections.abc import Mapping
from types import MappingProxyType

from keys.sentences import Sentence, marked, phrase, recalled, together

_TELLING = (
    marked("Version {version} of the terms must be accepted."),
    marked("The licence is {state}: ask the vendor's sales desk."),
)
"""Sentences that tell more than their word does."""
_ASK_SALES = phrase("Ask the vendor's sales desk.")
_NOTHING_TO_DO = phrase("There is nothing to do here: try again later.")
_WHAT_TO_DO: Mapping[str, str] = MappingProxyType(
    {
        "code-unknown": phrase("Compare it with the one you were given, letter by letter."),
        "code-used": phrase("The sales desk can move the licence to this server (rehost)."),
        "code-expired": phrase("Ask the vendor's sales desk for a new one."),
        "licence-not-activatable": _ASK_SALES,
        "fingerprint-insufficient": phrase("Run as root, or see: licence-agent fingerprint"),
        "terms-not-accepted": phrase("Ask the vendor for their version, and give it with --accept-terms."),
        "evidence-required": phrase("Where requests are carried, write another one with --evidence."),
        "request-replayed": phrase("Where requests are carried, write another one with --anew."),
        "rate-limited": _NOTHING_TO_DO,
        "unavailable": _NOTHING_TO_DO,
        "seats-exhausted": phrase("Who is in shows: licence-agent seats"),
        "licence-restricted": phrase("Why, says: licence-agent status"),
        "licence-blocked": phrase("Why, says: licence-agent status"),
        "signature-invalid": phrase("Something may have changed it on its way: licence-agent doctor"),
        "malformed": phrase("Something may have changed it on its way: licence-agent doctor"),
        "not-activated": phrase("Activate it: licence-agent activate CODE --server URL"),
    }
)


def of_another(word: str, title: str, detail: str) -> Sentence:
    """Return what to tell of a refusal that came as its word and a sentence in English.

    Args:
        word: the problem's.
        title: what it means in general.
        detail: the sentence.
    """
    telling = next((found for found in (recalled(detail, each) for each in _TELLING) if found is not None), None)
    return telling or together(phrase("{title}.", title=phrase(title)), _WHAT_TO_DO.get(word, ""))
