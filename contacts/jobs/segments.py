from django.utils.translation import ngettext

from accounts.models import Job
from contacts.models import ContactList, Segment
from contacts.segments import snapshots
from contacts.segments.definition import BadDefinition
from kernel.jobs import job


@job(queue="imports")
def take_snapshot(*, segment_id: int, list_id: int, job_id: int) -> None:
    """Fill the list with the people who are in the segment now."""
    progress = Job.objects.get(pk=job_id)
    segment, contact_list = Segment.objects.get(pk=segment_id), ContactList.objects.get(pk=list_id)
    try:
        people = snapshots.fill(segment, contact_list)
    except BadDefinition as problem:
        progress.finish(Job.State.FAILED, str(problem)[:300])
        return
    text = ngettext("%(n)d contact on the list “%(name)s”", "%(n)d contacts on the list “%(name)s”", people)
    progress.finish(Job.State.DONE, text % {"n": people, "name": contact_list.name})
