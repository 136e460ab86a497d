"""One transaction over all that is stored."""

from sqlalchemy import Connection

from licence_server.services.ports_desk import Desk
from licence_server.storage.activations import SqlActivations, SqlDocuments
from licence_server.storage.approvals import SqlApprovals
from licence_server.storage.attention import SqlAttention
from licence_server.storage.audit import SqlAudit
from licence_server.storage.codes import SqlCodes
from licence_server.storage.customers import SqlCustomers
from licence_server.storage.deliveries import SqlDeliveries
from licence_server.storage.imports import SqlImports
from licence_server.storage.licences import SqlLicences
from licence_server.storage.operators import SqlOperators
from licence_server.storage.outages import SqlOutages
from licence_server.storage.passkeys import SqlChallenges, SqlPasskeys
from licence_server.storage.plans import SqlPlans
from licence_server.storage.repeats import SqlRepeats
from licence_server.storage.sessions import SqlSessions
from licence_server.storage.tokens import SqlTokens
from licence_server.storage.usages import SqlUsages
from licence_server.storage.webhooks import SqlWebhooks


class SqlUnit:
    """Everything that is stored, within one transaction of the caller."""

    def __init__(self, connection: Connection, desk: Desk) -> None:
        self.customers = SqlCustomers(connection)
        self.licences = SqlLicences(connection)
        self.codes = SqlCodes(connection)
        self.activations = SqlActivations(connection)
        self.documents = SqlDocuments(connection)
        self.usages = SqlUsages(connection)
        self.audit = SqlAudit(connection, desk)
        self.operators = SqlOperators(connection)
        self.sessions = SqlSessions(connection)
        self.tokens = SqlTokens(connection)
        self.passkeys = SqlPasskeys(connection)
        self.challenges = SqlChallenges(connection)
        self.approvals = SqlApprovals(connection)
        self.attention = SqlAttention(connection)
        self.repeats = SqlRepeats(connection)
        self.outages = SqlOutages(connection)
        self.plans = SqlPlans(connection)
        self.imports = SqlImports(connection)
        self.webhooks = SqlWebhooks(connection)
        self.deliveries = SqlDeliveries(connection)
