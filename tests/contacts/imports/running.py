"""Imports a file in a test as a merchant does: upload, map, run."""

from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.imports import forecasting, running, uploading
from contacts.models import Contact, ContactImport, ImportList, ImportTag
from kernel.tenancy import scope

COUNTS = ("created", "updated", "skipped", "merged", "rejected")


def prepare(
    workspace, data: bytes | str, mapping=None, *, name="people.csv", tags=(), lists=(), **fields
) -> ContactImport:
    data = data.encode() if isinstance(data, str) else data
    with scope(workspace):
        done = uploading.upload(SimpleUploadedFile(name, data), None)
        done.consent_source = "form on our site"
        done.mapping = mapping or done.mapping
        for field, value in fields.items():
            setattr(done, field, value)
        for tag in tags:
            ImportTag.objects.create(contact_import=done, tag=tag)
        for contact_list in lists:
            ImportList.objects.create(contact_import=done, contact_list=contact_list)
        done.save()
    return done


def finish(workspace, done: ContactImport) -> ContactImport:
    with scope(workspace):
        running.start(done, None)
    while not running.run(workspace.pk, done.pk):
        pass
    with scope(workspace):
        done.refresh_from_db()
    assert done.state == "done" and done.rows == sum(getattr(done, name) for name in COUNTS)
    return done


def import_file(workspace, data: bytes | str, mapping=None, **fields) -> ContactImport:
    return finish(workspace, prepare(workspace, data, mapping, **fields))


def counts(done: ContactImport) -> dict[str, int]:
    """The counts that are not zero."""
    return {name: number for name in COUNTS if (number := getattr(done, name))}


def statuses(workspace, channel: str = "status") -> dict[str, str]:
    with scope(workspace):
        return {
            (person.email or person.phone).split("@")[0]: getattr(person, channel) for person in Contact.objects.all()
        }


def forecast_of(workspace, done) -> dict:
    with scope(workspace):
        done.preview = (done.preview or {}) | {"forecast": {"token": "t", "done": False}}
        done.save()
    forecasting.run(workspace.pk, done.pk, "t")
    with scope(workspace):
        done.refresh_from_db()
    return done.preview["forecast"]
