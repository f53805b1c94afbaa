"""Words of Django's `filesizeformat`. Its own French ones are of units that nobody uses ("Kio"): being named here, they
are in our catalogue, which comes first."""

from django.utils.translation import gettext_noop

UNITS = (gettext_noop("%s KB"), gettext_noop("%s MB"), gettext_noop("%s GB"), gettext_noop("%s TB"))
