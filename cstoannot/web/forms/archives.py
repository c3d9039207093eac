from django import forms

from cstoannot.web.forms.base import PageForm

LARGEST_ARCHIVE = 200_000_000  # bytes; larger ones are restored from the command line


class ArchiveForm(PageForm):
    archive = forms.FileField(
        help_text="As Export → Archive of the project makes it.",
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )
    slug = forms.CharField(
        required=False,
        label="Short name",
        help_text="For its addresses, of a-z, 0-9 and hyphens. Empty: the one that it had.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off"}),
    )
    same_people = forms.BooleanField(
        required=False,
        label="Accounts here under names of the archive belong to the same people",
        help_text="They get back their roles in the project, and their coding stands under their "
        "names. Whoever has no account here gets a closed one, which whoever runs this "
        "installation can open.",
    )

    def clean_archive(self) -> object:
        file = self.cleaned_data["archive"]
        if file.size > LARGEST_ARCHIVE:
            raise forms.ValidationError(
                f"The file has {file.size:,} bytes; {LARGEST_ARCHIVE:,} are allowed here. Whoever "
                "runs this installation can restore it with manage.py restore_project."
            )
        return file
