from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import signed_in
from accounts.requests import MemberRequest


class ExampleForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As your customers know you.")
    email = forms.EmailField(label="E-mail")
    choice = forms.ChoiceField(label="Choice", choices=[("a", "One"), ("b", "Two")])
    agreed = forms.BooleanField(label="I agree")
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 3}), required=False)


@signed_in
def styleguide(request: MemberRequest) -> HttpResponse:
    """A page with every component and its variants."""
    form = ExampleForm({"name": "Acme", "email": "not an address", "choice": "a"})
    return render(request, "adminpanel/styleguide.html", {"form": form})
