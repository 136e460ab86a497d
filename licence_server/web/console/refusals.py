"""What use cases refuse, in the reader's language. They say it in English; here stand their sentences once more."""

import re
from functools import cache

from licence_server.web.console.language import gettext, marked

SENTENCES = (
    marked(
        "The name or the password is wrong, or the account is disabled. A forgotten password: ask an administrator."
    ),
    marked("The code is wrong, or was used before. Wait for the next one; is the telephone's clock right?"),
    marked(
        "%(a)s codes in a row were wrong, so codes count no more: use a recovery code, or ask an administrator (%(b)s)."
    ),
    marked("This sign-in was not finished in time, or went on elsewhere: begin again with name and password."),
    marked("Too many sign-ins were refused. Wait, then try again."),
    marked("There is no single sign-on here: sign in with name and password."),
    marked(
        "This answer of the provider was not asked for by this browser, was used before, or came too late: begin again."
    ),
    marked("The provider did not let you in, or you cancelled. Try again, or sign in with name and password."),
    marked(
        "Nobody here is linked to the account %(a)s of the provider, or they are disabled: ask an administrator "
        "(licence-server operator sso)."
    ),
    marked("The provider does not say who you are: %(a)s is missing. Tell an administrator."),
    marked("The provider has not verified the address %(a)s: have it do so first."),
    marked("The provider asked you too long ago who you are: sign in there again."),
    marked(
        "The provider does not say that it proved a second factor, and this console relies on it for that: sign in "
        "there with one, or here with your password."
    ),
    marked(
        "The provider of single sign-on does not answer as it should. Sign in with name and password, or try again."
    ),
    marked("This server can't read its secret at the provider. Tell an administrator; sign in with name and password."),
    marked(
        "What the provider of single sign-on says does not hold. Tell an administrator; sign in with name and password."
    ),
    marked("%(a)s is no language of the console; there are %(b)s."),
    marked("A token's name says what it is for, in 1 to %(a)s printable characters."),
    marked("The role %(a)s does not have %(b)s, so no token of it can."),
    marked("A token needs at least one scope; there are %(a)s."),
    marked("%(a)s is no right; there are %(b)s."),
    marked("A token ends in the future, and within 366 days: make another one then."),
    marked("The token %(a)s is revoked already."),
    marked("Browsers know passkeys for names alone, and this console is reached by an address: sign in without one."),
    marked("You have no passkey here any more: use a code of the authenticator."),
    marked("The passkey was asked too long ago, or its answer was used before: try once more."),
    marked("This passkey opens nothing here: it was removed, is of another console, or its operator is disabled."),
    marked(
        "This passkey seems to be copied: another one with the same key has signed since. Remove it, and make another."
    ),
    marked("The browser's answer does not hold: it is of another page, or nobody unlocked the passkey. Try once more."),
    marked("A passkey's name says which device it is on, in 1 to %(a)s characters."),
    marked("Nobody has more than %(a)s passkeys: remove one that is not used first."),
    marked("This is the last second factor of %(a)s: let them set up an authenticator at a sign-in first."),
    marked("This passkey is registered already."),
    marked("There is no passkey of that id: it was removed already, or is somebody else's."),
    marked("This password is easily guessed. %(a)s A few unrelated words make a good one."),
    marked("This is the present password: choose another one."),
    marked("A password has %(a)s to %(b)s characters; a few words make a good one."),
    marked(
        "This needs the right %(a)s, which %(b)s have. %(c)s is %(d)s: ask one of them, or an administrator for "
        "another role."
    ),
    marked("%(a)s is the last administrator who can sign in: make somebody else administrator first."),
    marked(
        "This needs a second person, who did not ask for it. Let them grant %(a)s (licence-server approval grant, or "
        "the console's approvals), then do this once more."
    ),
    marked("Somebody changed this meanwhile: look at what it is now, and decide anew."),
    marked("Who asked for something can't approve it: ask another person."),
    marked("Approval %(a)s is %(b)s; only a waiting one can be decided."),
    marked("Approval %(a)s is %(b)s and allows nothing."),
    marked("Say why not, in a sentence of at most %(a)s characters."),
    marked("%(a)s is no operator's name: lower case letters, digits and . _ @ - only."),
    marked("%(a)s is no role; there are %(b)s."),
    marked("%(a)s is %(b)s already."),
    marked("%(a)s is not disabled."),
    marked("There is no session %(a)s: it has ended, or it is somebody else's."),
    marked("%(a)s Use a recovery code, or ask an administrator (%(b)s)."),
    marked("Look for 1 to %(a)s letters or digits of a name, a number or an id."),
    marked("This is no place in a list: give the one that the page before ended with."),
    marked("A %(a)s has %(b)s characters in one line."),
    marked("The %(a)s has at most %(b)s characters, without control characters."),
    marked("A phone number has 3 to 60 digits, spaces, brackets, dashes and commas."),
    marked("A national id of 10 digits is a natural person's, one of 11 a legal person's."),
    marked("%(a)s is no state of a licence: %(b)s."),
    marked("%(a)s (%(b)s) is registered under this national id already."),
    marked("A national id has 10 digits (a person) or 11 (a company)."),
    marked("The national id %(a)s is mistyped: its check digit does not fit."),
    marked("%(a)s is not an e-mail address."),
    marked("A mobile number has 8 to 15 digits, with + and the country's code before them or not."),
    marked("The licence is active on a server. To move it: licence-server licence rehost."),
    marked("The licence is %(a)s; a code would not activate it."),
    marked("A rehost needs a reason of 1 to %(a)s characters."),
    marked("The licence is on no server. For its code: licence-server licence code."),
    marked("The licence is %(a)s; only an active one can be moved."),
    marked("%(a)s is no reason: one word in lower case, such as payment_overdue."),
    marked("The %(a)s has 1 to %(b)s printable characters."),
    marked("A licence names at most %(a)s networks."),
    marked("Only a suspended licence can be resumed; this one is %(a)s."),
    marked("A licence must end after it starts."),
    marked("A licence must end after today and after it starts."),
    marked("Only a recovered licence needs to be confirmed; this one is %(a)s."),
    marked("Say in a sentence of at most %(a)s characters why all is well."),
    marked("Nothing that its server did waits for somebody to look at it."),
    marked("The licence is suspended: resume or revoke it."),
    marked("A revoked licence can't be %(a)s: issue another one."),
    marked("%(a)s is no network in CIDR notation, such as 10.1.0.0/16."),
    marked("It has this end already: it was renewed meanwhile."),
    marked("It got another end meanwhile: look at the list once more."),
    marked("It has to end later than it does now, and later than today."),
    marked("It was not tried, since the server could not store the one before it."),
    marked("Say by how long the licences are renewed, or until when."),
    marked("Choose 1 to %(a)s licences."),
    marked("Look 0 to %(a)s days ahead."),
    marked(
        "No archive of the agent's files is set, from which packages are made. Build one with `make agent-tree`, and "
        "name it as agent_archive in config.toml, or by --archive."
    ),
    marked("There is no file %(a)s. Build it with `make agent-tree`, or mend agent_archive."),
    marked("%(a)s is not an archive of the agent's files (%(b)s). Build one with `make agent-tree`, and name that."),
    marked(
        "Packages are made for Linux here, and the archive is for %(a)s. Build one on Linux with `make agent-tree`."
    ),
    marked(
        "There are no packages for Debian on machines of the kind %(a)s. Take the form run, which unpacks itself on "
        "any Linux."
    ),
    marked("There is no package of this form; there are %(a)s."),
    marked("The plan %(a)s is retired: take another one, or add one like it."),
    marked("There is a plan %(a)s already: take another name, or retire that one."),
    marked("There are %(a)s plans already: retire one that nobody sells."),
    marked("A licence lasts 1 to %(a)s days, or 1 to %(b)s months."),
    marked("%(a)s is no feature: use lower case letters, digits, dots and dashes."),
    marked("A licence names at most %(a)s features."),
    marked("Users are a number from 1 to %(a)s."),
    marked("Clients are a number from 1 to %(a)s; leave them out for any number."),
    marked("Integration accounts are a number from 0 to %(a)s."),
    marked("Overdraft users are a number from 0 to %(a)s."),
    marked("Overdraft days are a number from 0 to %(a)s, of any 30 days."),
    marked("A webhook's address is like https://crm.example.com/hooks/licences, at most %(a)s characters."),
    marked("A webhook's address begins with https://; plain http is for this machine alone."),
    marked(
        "%(a)s is no public address. If it is a receiver of your own, add its network to webhook_networks in "
        "config.toml and start the server again."
    ),
    marked("%(a)s is no event; there are %(b)s."),
    marked("A webhook needs at least one event; there are %(a)s."),
    marked("There are %(a)s webhooks, and no more may be: remove one first."),
    marked("The webhook %(a)s is switched off: enable it first."),
    marked("The webhook %(a)s is on already."),
    marked("The delivery %(a)s is under way; its next attempt comes by itself."),
    marked("There is no delivery %(a)s; the log has those of thirty days."),
    marked("There is no webhook %(a)s."),
    marked(
        "This licence server does not know what the agent has in hand. Ask the customer for a request that brings it "
        "along: %(a)s --evidence -o FILE"
    ),
    marked(
        "This request was answered before, and a later one since. Ask the customer for another request: %(a)s --anew "
        "-o FILE"
    ),
    marked("There is more than one request in this, or a mail program wrapped it: exchange each by itself, as a file."),
    marked("This is no request of an agent, or was cut or wrapped on its way: bring the file once more as it was."),
    marked("This is no request: it goes to the agent (licence-agent import), or is of another program."),
    marked("The file is empty."),
    marked("The file is not text as we write it: it is no request, answer or outage document."),
    marked("Of %(a)s codes, %(b)s is missing. Read all of them, in any order."),
    marked("A code was misread: together they are not what was written. Read all of them once more."),
    marked("The request is meant for another licence server than %(a)s."),
    marked("The signature does not fit the bytes and the key."),
    marked("This code is not known. Compare it with the one you were given, letter by letter."),
    marked("This code has been used by another server. The sales desk can move the licence (rehost)."),
    marked("This code is no longer valid. Ask the vendor's sales desk for a new one."),
    marked("The licence is active on another server. The sales desk can move it."),
    marked("This device key serves an activation already; a new activation needs a new key."),
    marked("Version %(a)s of the terms must be accepted."),
    marked("An outage lasts 1 to %(a)s days; one that goes on longer is declared once more."),
    marked("The outage is over already: no lease would go on by it."),
    marked("Leases are stretched by 1 to %(a)s days."),
    marked("Name 1 to %(a)s licences, or declare it for all."),
    marked("There is no licence %(a)s."),
    marked("Entry %(a)s is missing: the next one that is there is %(b)s."),
    marked("Entry %(a)s was changed, or stands in another entry's place."),
    marked("Entry %(a)s is not the one that its checkpoint sealed."),
    marked("The record ends at entry %(a)s, but a checkpoint seals entry %(b)s."),
    marked("The record was cut or added to at its end: its last entry is %(a)s."),
    marked("The end of the record, entry %(a)s, is not sealed by us: %(b)s"),
    marked("The time of the last signature was changed: it was %(a)s."),
    marked("The checkpoint of entry %(a)s is not signed by us: %(b)s"),
    marked("The checkpoint of entry %(a)s belongs to another place."),
    marked("Licence %(a)s is not as the record left it."),
    marked("Licence %(a)s is in the record, but no longer in the database."),
    marked("Activation %(a)s is not as the record left it."),
    marked("Activation %(a)s is in the record, but not in the database."),
    marked("%(a)s %(b)s is not as the record left it."),
    marked("%(a)s %(b)s is in the record, but no longer in the database."),
    marked("A code of licence %(a)s is not as the record left it."),
    marked("A code of licence %(a)s that was used or withdrawn can be used again."),
    marked("%(a)s %(b)s is not as the record left it, or is found by something else."),
    marked("%(a)s in the database can't be read. To find what was changed: audit verify"),
    marked("The licence server's database does not answer."),
    marked("The database is damaged. Bring back a backup: licence-server restore FILE"),
    marked("Overdraft needs both: how many users more, and on how many days of any 30."),
    marked("Line %(a)s is no CSV: a quotation mark is missing, or a cell has no end."),
    marked("The file has more than %(a)s rows: split it."),
    marked("Line %(a)s has more than %(b)s columns."),
    marked("The first row names columns; %(a)s is none of %(b)s."),
    marked("The column %(a)s is there twice."),
    marked("The column %(a)s is missing; the first row has to name it."),
    marked("The row has more cells than there are columns: is a separator in a cell without quotes?"),
    marked("The cell has more than %(a)s characters."),
    marked("The file is no text in UTF-8 or UTF-16: save it as “CSV UTF-8” or XLSX."),
    marked("The file is no workbook that can be read: save it as XLSX without a password, or as CSV."),
    marked("The workbook unpacks to more than an import has: save its one sheet as CSV."),
    marked("The file has more than %(a)s MiB: split it."),
    marked("The file has no rows: the first names the columns, and those below are imported."),
    marked("%(a)s (%(b)s) is registered already."),
    marked("The same is on line %(a)s already."),
    marked("%(a)s is none of: %(b)s."),
    marked("There is no good row in the file: correct it, and check it again."),
    marked("%(a)s rows are bad: say that they are to be left out, or correct the file and check it again."),
    marked("The import is %(a)s; only a checked one can be confirmed."),
    marked("The import is %(a)s; only a checked one can be cancelled."),
    marked("The file was checked more than a week ago: check it again."),
    marked("Say whose it is: a customer's id, national id or name."),
    marked("Say for how many users it is, or from which plan."),
    marked("%(a)s is no number."),
    marked("%(a)s is no day such as 2027-03-21 or 1406-01-01, nor never."),
    marked("%(a)s is none of: concurrent, named."),
    marked("There is no customer %(a)s."),
    marked("%(a)s customers have this name: give the id or the national id."),
    marked("There is no plan %(a)s."),
    marked("One person may not issue so many users: issue this one by itself."),
    marked("The customer has a licence for this site already: %(a)s."),
    marked("The codes are for whoever confirmed the import. For one licence: licence code."),
)
_PLACE = re.compile(r"%\\\(([a-d])\\\)s")


def translated(sentence: str) -> str:
    """Return a refusal in the reader's language; in English where the catalogue does not have it."""
    for template, pattern in _patterns():
        found = pattern.fullmatch(sentence)
        if found is not None:
            return gettext(template) % found.groupdict()
    return gettext(sentence)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return each sentence with what recognises it, and finds what was filled in; those that say more come first."""
    told = sorted(SENTENCES, key=len, reverse=True)
    return tuple((each, re.compile(_PLACE.sub(r"(?P<\1>.+?)", re.escape(each)), re.DOTALL)) for each in told)
