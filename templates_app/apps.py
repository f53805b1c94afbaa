from django.apps import AppConfig
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class TemplatesConfig(AppConfig):
    name = "templates_app"

    def ready(self) -> None:
        from accounts import audit_words
        from contacts.exports import workspace_archive
        from kernel import trash
        from kernel.files.columns import COLUMNS, FileColumn
        from templates_app.audit_words import WORDS
        from templates_app.models import MessageTemplate, Picture
        from templates_app.pictures import archive, uses

        audit_words.register(WORDS)
        trash.register(
            MessageTemplate,
            "template",
            _("Templates"),
            permission="templates.edit",
            page="templates:index",
            hidden=Q(original__deleted_at__isnull=False),
        )
        trash.register(Picture, "picture", _("Pictures"), permission="templates.edit", page="templates:pictures")
        trash.register_usage(Picture, "templates", uses.template_names)
        trash.register_usage(Picture, "brand", uses.brand_names)
        COLUMNS.add(FileColumn("templates_app_picturefile"), "pictures")
        workspace_archive.register(
            "templates",
            "id, name, html, text, original_id, language, created_at, updated_at",
            "templates_app_messagetemplate WHERE workspace_id = %(workspace)s AND deleted_at IS NULL ORDER BY id",
        )
        workspace_archive.register(
            "brand",
            "name, logo_id, dark_logo_id, main, second, tint, page, text, quiet, heading_font, body_font, radius, "
            "button_style, reason, social_links, updated_at",
            "templates_app_brand WHERE workspace_id = %(workspace)s",
            nested="social_links",
        )
        workspace_archive.register(
            "pictures",
            "id, name, alt, is_decorative, revision, width, height, created_at",
            "templates_app_picture WHERE workspace_id = %(workspace)s AND deleted_at IS NULL ORDER BY id",
        )
        workspace_archive.register(
            "picture_files",
            "picture_id, revision=f.revision, width=f.width, height=f.height, sha256=f.sha256, "
            "file='pictures/' || f.key || '.' || f.format, "
            "path='/i/' || f.workspace_id || '/' || f.key || '/' || left(f.sha256, 16) || '.' || f.format",
            "templates_app_picturefile f JOIN templates_app_picture p ON p.workspace_id = f.workspace_id "
            "AND p.id = f.picture_id WHERE f.workspace_id = %(workspace)s AND p.deleted_at IS NULL ORDER BY f.id",
        )
        workspace_archive.FILES.add(archive.files, "pictures")
