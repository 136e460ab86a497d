"""What use cases take hold of before they change it, if it still is what the change was made from."""

from licence_server.domain.customer import Customer
from licence_server.domain.licence import Licence
from licence_server.domain.version import Versions, check_version
from licence_server.services.ports import Unit


def lock_licence(unit: Unit, licence_id: str, versions: Versions) -> Licence:
    """Return a licence, which nobody else changes until the unit ends. Raises NotFoundError, ChangedMeanwhileError."""
    licence = unit.licences.lock(licence_id)
    check_version(licence.version, versions)
    return licence


def look_at_licence(unit: Unit, licence_id: str, versions: Versions) -> Licence:
    """Return a licence without holding it. Raises as lock_licence."""
    licence = unit.licences.get(licence_id)
    check_version(licence.version, versions)
    return licence


def lock_customer(unit: Unit, customer_id: str, versions: Versions) -> Customer:
    """Return a customer, whom nobody else changes until the unit ends. Raises NotFoundError, ChangedMeanwhileError."""
    customer = unit.customers.lock(customer_id)
    check_version(customer.version, versions)
    return customer
