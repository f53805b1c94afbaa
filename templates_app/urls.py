"""Workspace pages of this app, below /w/<workspace>/templates/."""

from django.urls import path

from templates_app.views import blocks, checks, findings, gallery, picture_replacements, pictures, previews, templates

app_name = "templates"
urlpatterns = [
    path("", templates.index, name="index"),
    path("new/", templates.create, name="new"),
    path("check/", findings.check, name="check"),
    path("<int:pk>/", templates.show, name="show"),
    path("<int:pk>/checks/", checks.show, name="checks"),
    path("<int:pk>/edit/", templates.edit, name="edit"),
    path("<int:pk>/duplicate/", templates.duplicate, name="duplicate"),
    path("<int:pk>/delete/", templates.delete, name="delete"),
    path("previews/people/", previews.people, name="preview_people"),
    path("previews/merge-tags/", previews.merge_tags, name="merge_tags"),
    path("<int:pk>/preview.html", previews.html, name="preview_html"),
    path("<int:pk>/preview.txt", previews.text, name="preview_text"),
    path("new/designs/", gallery.index, name="gallery"),
    path("new/designs/<slug:slug>.html", gallery.message, name="design"),
    path("new/blocks/", blocks.create, name="new_of_blocks"),
    path("<int:pk>/blocks/", blocks.editor, name="blocks"),
    path("<int:pk>/blocks/message.html", blocks.message, name="blocks_message"),
    path("<int:pk>/blocks/add/", blocks.add, name="add_block"),
    path("<int:pk>/blocks/paste/", blocks.paste, name="paste_blocks"),
    path("<int:pk>/blocks/restore/", blocks.restore, name="restore_blocks"),
    path("<int:pk>/blocks/rename/", blocks.rename, name="rename_of_blocks"),
    path("<int:pk>/blocks/done/", blocks.done, name="blocks_done"),
    path("<int:pk>/blocks/<slug:block_id>/", blocks.block, name="block"),
    path("<int:pk>/blocks/<slug:block_id>/move/", blocks.move, name="move_block"),
    path("<int:pk>/blocks/<slug:block_id>/duplicate/", blocks.duplicate, name="duplicate_block"),
    path("<int:pk>/blocks/<slug:block_id>/mend/", blocks.mend, name="mend_block"),
    path("<int:pk>/blocks/<slug:block_id>/remove/", blocks.remove, name="remove_block"),
    path("pictures/", pictures.index, name="pictures"),
    path("pictures/choose/", pictures.choose, name="choose_picture"),
    path("pictures/upload/", pictures.upload, name="upload_pictures"),
    path("pictures/<int:pk>/", pictures.show, name="picture"),
    path("pictures/<int:pk>/edit/", pictures.edit, name="edit_picture"),
    path("pictures/<int:pk>/replace/", picture_replacements.create, name="replace_picture"),
    path("pictures/<int:pk>/delete/", pictures.delete, name="delete_picture"),
]
