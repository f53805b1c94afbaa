"""Segments: conditions over people, as data. `definition` reads and checks it, `compiling` makes SQL of it, `wording` a
sentence, `counting` a number, `explaining` says why somebody is in. What can be asked is a registry (`conditions`), to
which each subject's module here and other apps add theirs."""
