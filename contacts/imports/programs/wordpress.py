"""WordPress: users as its common plugins export them, with the names of the table wp_users and of user meta."""

from django.utils.translation import gettext_lazy as _

from contacts.imports.programs.program import FIELD, LEAVE_OUT, Program, Shape

SIGNS = (
    "user_login, user_nicename, user_registered, display_name, user_url, role, roles, nickname, description, "
    "user_pass, source_user_id, locale, rich_editing, session_tokens, wp_capabilities"
)
# Never the password, not even its hash.
OF_NO_USE = (
    "user_pass, user_login, user_nicename, nickname, user_activation_key, user_status, session_tokens, source_user_id, "
    "wp_capabilities, wp_user_level, rich_editing, syntax_highlighting, comment_shortcuts, admin_color, use_ssl, "
    "show_admin_bar_front, show_welcome_panel, dismissed_wp_pointers, last_update, display_name, wp_user_settings, "
    "wp_user_settings_time, wp_dashboard_quick_press_last_post_id, community_events_location"
)
LABELS = {
    "role": _("WordPress role"),
    "roles": _("WordPress role"),
    "user_url": _("Website"),
    "description": _("Biography"),
}

PROGRAM = Program(
    name="WordPress",
    shapes=(
        Shape(
            needs=("user_email, Email", "user_login, user_nicename, user_registered"),
            signs=f"user_email, {SIGNS}",
            least=3,
        ),
    ),
    columns={
        "email": "user_email, Email",
        "first_name": "first_name",
        "last_name": "last_name",
        "full_name": "display_name",
        "language": "locale",
        "created_at": "user_registered",
        FIELD: "role, roles, user_url, description",
        LEAVE_OUT: f"{OF_NO_USE}, ID",
    },
    labels=LABELS,
)
