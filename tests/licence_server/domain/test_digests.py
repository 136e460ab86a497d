"""What the audit record keeps of things is computed as it always was: records of then have to go on being true."""

from licence_server.domain.activation import Answer, DeviceKey, Drift, Suspicion, binding_digest
from licence_server.domain.approval import Approval
from licence_server.domain.audit import NOTHING, Note, chain
from licence_server.domain.chain import Chain, Displaced, Surrounding, Visit
from licence_server.domain.customer import Customer
from licence_server.domain.licence import digest_of
from licence_server.domain.operator import Operator
from tests.licence_server.samples import NOW, activation, licence

BUSY = Chain("doc_2", 2, (Displaced("doc_1", "return", NOW),), (NOW,), (Visit("a", 1, NOW),), (Surrounding("b", NOW),))


def test_of_an_activation_in_whatever_order_its_members_come() -> None:
    bound = activation(chain=BUSY, drifts=(Drift(NOW, 30),), last=Answer("req_2", "سند"))
    turned = {name: dict(reversed(list(getattr(bound, name).items()))) for name in ("jwk", "components")}
    for each in (bound, activation(chain=BUSY, drifts=bound.drifts, last=bound.last, **turned)):
        assert binding_digest(each) == "0cb2ea094dddb55a57aa360a2d3bfa620195d0919cf337f275b306c2c786898e"


def test_of_an_activation_whose_key_moves_and_that_is_suspected() -> None:
    changed = activation(moved=DeviceKey("tpm", {"kty": "EC"}), suspicion=Suspicion("clone_suspected", NOW))
    assert binding_digest(changed) == "3af192063167fc973f39ea25461355afbf21873c206ef439ea21b685c717b33c"


def test_of_a_licence() -> None:
    assert digest_of(licence(site="مشهد")) == "cbb5d43fe8cbaab947ac8df9208128cfde653c6d67595a0085fe93518563d694"


def test_of_a_licence_that_two_agreed_to() -> None:
    assert digest_of(licence(approved_users=500)) == "1e43b441ba82cd3ca2406fb4856f73a62bb2d6f3360e5171f490b0f067043ff3"


def test_of_a_licence_of_a_plan() -> None:
    assert digest_of(licence(plan="pln_1")) == "486decbcf9972efd829b6a92d8d16116bf6b672e8dc565bf7819a7ea770aa958"


def test_of_an_approval() -> None:
    approval = Approval("apr_1", "seats", "lic_1", {"users": 300, "site": "قم"}, "operator:sara", 5)
    assert approval.recorded == {"apr_1": "0865c720b39010de7bdcc08a534e7310535843c97db9bf2d3699d7654c6c765d"}


def test_of_people() -> None:
    facts = ("cus_1", "فولاد پارس", "0499370899", "info@foolad.example", "+989151234567", "سارا", NOW)
    customer = Customer(*facts, kind="natural")
    assert customer.recorded == {"cus_1": "1e7676d49e0011bdc9ce104505e1143ade20ce86604da971d4eb6eb867335a1e"}
    operator = Operator("opr_1", "sara", "sales", "پ", NOW)
    assert operator.recorded == {"opr_1": "2225dd5f8470cc7c604a206c504d2a3eef75c0ff23ed32bf4270bdd82a76d691"}


def test_of_the_record_itself() -> None:
    note = Note(NOW, "سارا", "licence_issued", "lic_1", {"site": "مشهد", "customer": "cus_1"})
    (entry,) = chain([note], 0, NOTHING)
    assert entry.details == '{"customer":"cus_1","site":"\\u0645\\u0634\\u0647\\u062f"}'
    assert entry.digest == "9732b9381f67780e1d8d26fa4d1892b7b6fad31984dfdbce7225b999176229dc"
