"""Who is in the class: rosters in the forms of several LMS, hand-ins matched with them, groups and who is missing."""
