from contacts.signups import unconfirmed
from kernel.jobs import job


@job(scoped=False)
def remind_of_signups() -> None:
    unconfirmed.remind()


@job(scoped=False)
def forget_unconfirmed() -> None:
    unconfirmed.forget()
