# SPDX-License-Identifier: Apache-2.0
"""An account whose number was only declared, and the person of that number, become one when it is shown that they are.

Name and number are known to many: it takes the phone, too, which a code has proven and the clerk was told.
"""

from tongban.identity import sealing
from tongban.identity.models import Account, Login, Person, Session, Verification
from tongban.identity.oidc import Claims


def are_one(holder: Person, person: Person) -> bool:
    """Whether the account of `person` may take over `holder`, who was here before, e.g. at a window."""
    if Account.objects.filter(person=holder).exists():
        return False
    theirs, own = (sealing.opened(each.id, "phone", each.phone_sealed) for each in (holder, person))
    return bool(own) and theirs == own


def join(person: Person, holder: Person) -> Person:
    """The account goes over to the person who was here before; the declared one is nobody."""
    old = Account.objects.get(person=person)
    Account.objects.create(person=holder, password_hash=old.password_hash, changed_at=old.changed_at)
    Login.objects.filter(account=old).update(account=holder.id)
    if not holder.home_region:
        Person.objects.filter(id=holder.id).update(home_region=person.home_region)
    Session.objects.filter(person=person).update(person=holder)
    Verification.objects.filter(person=person.id).update(person=holder.id)
    person.delete()
    return holder


def declared(said: Claims) -> Person | None:
    """Who registered here under this name, number and phone, and has not been proven yet."""
    if not said.phone:
        return None
    login = Login.objects.filter(index=sealing.phone_index(said.phone)).select_related("account__person").first()
    person = login.account.person if login else None
    if person is None or person.id_index is not None:
        return None
    number = sealing.opened(person.id, "id_number", person.id_sealed)
    same = (person.name, person.id_type, number) == (said.name, said.id_type, said.id_number)
    return person if same else None
