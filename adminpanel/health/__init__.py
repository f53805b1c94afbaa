"""Health checks: `check_all` of what serves and sends, for the benchmarks; `manage.py doctor` adds the others."""

from adminpanel.health.findings import Finding as Finding
from adminpanel.health.running import check_all as check_all
from adminpanel.health.running import check_installation as check_installation
