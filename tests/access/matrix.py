"""The statuses, as a table: one row for each address and method, one column for each person.

302 sends to the sign-in page or, after a change, onward; 404 says that there is nothing, which is
what everybody outside a project is told of everything in it; 403 says that a member may not.
"""

PEOPLE = ["nobody", "dan", "charlie", "vera", "beth", "bob", "ada", "alice"]
# Parameters without which an address means nothing.
QUERIES = {"/api/v1/projects/<project>/sources/<source>/segments/": "?unit=sentence"}
# Bodies with which the request would succeed for whoever may make it.
BODIES: dict[str, dict[str, object]] = {
    "POST /account/tokens/": {"name": "script", "days": 30, "read_only": "yes"},
    "POST /projects/new/": {"name": "Third", "visibility": "own"},
    "POST /projects/<project>/invitations/": {"invite-role": "viewer", "invite-days": 14},
    "POST /projects/<project>/members/": {"username": "dan", "role": "viewer"},
    "POST /projects/<project>/members/<username>/": {"role": "annotator"},
    "POST /projects/<project>/decide/<source>/": {"act": "majority", "place": "none"},
    "POST /projects/<project>/decide/<source>/hand-on/": {"username": "ada"},
    "POST /projects/<project>/settings/": {
        "name": "A",
        "visibility": "own",
        "agreed_bounds": "sentence",
        "results": "link",
        "version": 2,
    },
    "POST /projects/<project>/rounds/": {"name": "Pilot 2", "revision": 1},
    "POST /projects/<project>/settings/results-links/": {"days": 14},
    "POST /projects/<project>/settings/delete/": {"delete-slug": "alliances"},
    "POST /projects/<project>/sources/new/": {"title": "T", "text": "A text."},
    "POST /projects/<project>/sources/<source>/edit/": {"title": "T", "version": 1},
    "POST /projects/<project>/sources/<source>/remove/": {"confirm": "on"},
    "POST /projects/<project>/codebook/new/": {"name": "New", "colour": "#000000"},
    "POST /projects/<project>/codebook/<code>/edit/": {
        "name": "New",
        "version": 1,
        "colour": "#000000",
    },
    "POST /projects/<project>/codebook/<code>/rename/": {"name": "Renamed"},
    "POST /projects/<project>/codebook/<code>/merge/": {"into": "failure", "stances": "drop"},
    "POST /projects/<project>/codebook/proposals/<proposal>/": {
        "act": "decline",
        "decline-reason": "No.",
    },
    "POST /projects/<project>/threads/new/": {"about": "code:plea", "text": "What?"},
    "POST /projects/<project>/threads/<thread>/": {"text": "This."},
    "POST /projects/<project>/threads/<thread>/comments/<comment>/": {"text": "This."},
    "POST /projects/<project>/threads/<thread>/propose/": {"name": "Debt"},
    "POST /api/v1/me/tokens/": {"name": "script", "days": 30},
    "POST /api/v1/invitations/accept/": {"secret": "SECRET"},
    "POST /api/v1/projects/": {"name": "Third"},
    "PATCH /api/v1/projects/<project>/": {"name": "Unions"},
    "POST /api/v1/projects/<project>/invitations/": {"role": "viewer"},
    "POST /api/v1/projects/<project>/members/": {"username": "dan", "role": "viewer"},
    "PATCH /api/v1/projects/<project>/members/<username>/": {"role": "annotator"},
    "POST /api/v1/projects/<project>/sources/": {"title": "T", "text": "A text."},
    "PATCH /api/v1/projects/<project>/sources/<source>/": {"title": "T"},
    "POST /api/v1/projects/<project>/codes/": {"name": "New"},
    "PATCH /api/v1/projects/<project>/codes/<code>/": {"name": "New"},
    "POST /api/v1/projects/<project>/codes/<code>/merge/": {
        "into": "failure",
        "stances": "drop",
    },
    "POST /api/v1/projects/<project>/codes/<code>/move/": {"parent": None, "position": 0},
    "POST /api/v1/projects/<project>/code-proposals/": {"name": "Debt"},
    "POST /api/v1/projects/<project>/code-proposals/<proposal>/decline/": {"reason": "No."},
    "POST /api/v1/projects/<project>/assignments/": {"source": "BOBS", "annotator": "bob"},
    "PATCH /api/v1/projects/<project>/assignments/<assignment>/": {"state": "done"},
    "POST /api/v1/projects/<project>/plans/": {"annotators": ["bob"], "each": 1},
    "POST /api/v1/projects/<project>/plans/hand-on/": {"annotator": "bob"},
    "POST /api/v1/projects/<project>/rounds/": {"name": "Main"},
    "PATCH /api/v1/projects/<project>/rounds/<round>/": {"name": "Main"},
    "POST /api/v1/projects/<project>/annotations/": {
        "source": "BOBS",
        "code": "plea",
        "start": 0,
        "end": 3,
    },
    "PUT /api/v1/projects/<project>/annotations/<annotation>/": {
        "source": "SHARED",
        "code": "failure",
        "start": 0,
        "end": 31,
        "stance": "supports",
    },
    "PATCH /api/v1/projects/<project>/annotations/<annotation>/": {"stance": "supports"},
    "POST /api/v1/projects/<project>/threads/": {"kind": "code", "code": "plea", "text": "What?"},
    "PATCH /api/v1/projects/<project>/threads/<thread>/": {"resolved": True},
    "POST /api/v1/projects/<project>/threads/<thread>/comments/": {"text": "This."},
    "PATCH /api/v1/projects/<project>/threads/<thread>/comments/<comment>/": {"text": "This."},
    "POST /api/v1/projects/<project>/threads/<thread>/proposal/": {"name": "Debt"},
    "PUT /api/v1/projects/<project>/decisions/<place>/": {"outcome": "majority"},
    "POST /api/v1/projects/<project>/speakers/": {"name": "The queen"},
    "PATCH /api/v1/projects/<project>/speakers/<speaker>/": {"name": "The queen"},
    "POST /api/v1/projects/<project>/speakers/<speaker>/merge/": {"into": "MINISTER"},
}

# Nobody has signed in; Dan is in no project, Charlie in another; Vera views; Beth codes, but not
# this source; Bob codes it; Ada adjudicates; Alice owns.
MATRIX = """
GET    /                                                         302 200 200 200 200 200 200 200
GET    /account/closed/                                          200 200 200 200 200 200 200 200
GET    /account/login/                                           200 302 302 302 302 302 302 302
POST   /account/login/                                           200 302 302 302 302 302 302 302
GET    /account/logout/                                          302 200 200 200 200 200 200 200
POST   /account/logout/                                          302 302 302 302 302 302 302 302
GET    /account/password/                                        302 200 200 200 200 200 200 200
POST   /account/password/                                        302 200 200 200 200 200 200 200
GET    /account/tokens/                                          302 200 200 200 200 200 200 200
POST   /account/tokens/                                          302 200 200 200 200 200 200 200
GET    /account/tokens/revoke/                                   302 200 200 200 200 200 200 200
POST   /account/tokens/revoke/                                   302 302 302 302 302 302 302 302
GET    /account/tokens/<key>/revoke/                             302 404 404 404 404 404 404 404
POST   /account/tokens/<key>/revoke/                             302 404 404 404 404 404 404 404
GET    /admin/                                                   302 302 302 302 302 302 302 302
POST   /admin/                                                   302 302 302 302 302 302 302 302
GET    /api/v1/docs/                                             200 200 200 200 200 200 200 200
POST   /api/v1/invitations/accept/                               401 201 201 409 409 409 409 409
GET    /api/v1/me/                                               401 200 200 200 200 200 200 200
GET    /api/v1/me/tokens/                                        401 200 200 200 200 200 200 200
POST   /api/v1/me/tokens/                                        401 201 201 201 201 201 201 201
DELETE /api/v1/me/tokens/                                        401 204 204 204 204 204 204 204
DELETE /api/v1/me/tokens/<key>/                                  401 404 404 404 404 404 404 404
GET    /api/v1/projects/                                         401 200 200 200 200 200 200 200
POST   /api/v1/projects/                                         401 201 201 201 201 201 201 201
GET    /api/v1/projects/<project>/                               401 404 404 200 200 200 200 200
PATCH  /api/v1/projects/<project>/                               401 404 404 403 403 403 403 200
DELETE /api/v1/projects/<project>/                               401 404 404 403 403 403 403 204
GET    /api/v1/projects/<project>/agreement/consensus/           401 404 404 403 200 200 200 200
GET    /api/v1/projects/<project>/agreement/                     401 404 404 200 200 200 200 200
GET    /api/v1/projects/<project>/agreement/difference/          401 404 404 403 400 400 400 400
GET    /api/v1/projects/<project>/agreement/precision/           401 404 404 403 200 200 200 200
GET    /api/v1/projects/<project>/agreement/profiles/            401 404 404 403 200 200 200 200
GET    /api/v1/projects/<project>/agreement/tables/              401 404 404 403 200 200 200 200
GET    /api/v1/projects/<project>/agreement/remarks/             401 404 404 403 200 200 200 200
GET    /api/v1/projects/<project>/annotations/                   401 404 404 200 200 200 200 200
POST   /api/v1/projects/<project>/annotations/                   401 404 404 403 422 201 403 403
GET    /api/v1/projects/<project>/annotations/<annotation>/      401 404 404 404 404 200 200 200
PUT    /api/v1/projects/<project>/annotations/<annotation>/      401 404 404 403 404 200 403 403
PATCH  /api/v1/projects/<project>/annotations/<annotation>/      401 404 404 404 404 200 403 403
DELETE /api/v1/projects/<project>/annotations/<annotation>/      401 404 404 404 404 204 403 403
GET    /api/v1/projects/<project>/assignments/                   401 404 404 200 200 200 200 200
POST   /api/v1/projects/<project>/assignments/                   401 404 404 403 403 403 200 200
GET    /api/v1/projects/<project>/assignments/<assignment>/      401 404 404 404 404 200 200 200
PATCH  /api/v1/projects/<project>/assignments/<assignment>/      401 404 404 404 404 200 200 200
DELETE /api/v1/projects/<project>/assignments/<assignment>/      401 404 404 403 403 403 204 204
GET    /api/v1/projects/<project>/assignments/<assignment>/practice/ 401 404 404 403 404 404 404 404
DELETE /api/v1/projects/<project>/assignments/<assignment>/practice/ 401 404 404 403 404 404 404 404
GET    /api/v1/projects/<project>/plans/                        401 404 404 403 403 403 200 200
POST   /api/v1/projects/<project>/plans/                        401 404 404 403 403 403 201 201
GET    /api/v1/projects/<project>/plans/<plan>/                 401 404 404 403 403 403 200 200
POST   /api/v1/projects/<project>/plans/<plan>/extend/          401 404 404 403 403 403 200 200
POST   /api/v1/projects/<project>/plans/hand-on/                401 404 404 403 403 403 200 200
GET    /api/v1/projects/<project>/rounds/                       401 404 404 403 403 403 200 200
POST   /api/v1/projects/<project>/rounds/                       401 404 404 403 403 403 201 201
GET    /api/v1/projects/<project>/rounds/<round>/               401 404 404 403 403 403 200 200
PATCH  /api/v1/projects/<project>/rounds/<round>/               401 404 404 403 403 403 200 200
DELETE /api/v1/projects/<project>/rounds/<round>/               401 404 404 403 403 403 204 204
GET    /api/v1/projects/<project>/code-proposals/                401 404 404 200 200 200 200 200
POST   /api/v1/projects/<project>/code-proposals/                401 404 404 403 201 201 201 201
GET    /api/v1/projects/<project>/code-proposals/<proposal>/     401 404 404 404 404 200 200 200
DELETE /api/v1/projects/<project>/code-proposals/<proposal>/     401 404 404 403 404 204 403 403
POST   /api/v1/projects/<project>/code-proposals/<proposal>/accept/ 401 404 404 403 403 403 200 200
POST   /api/v1/projects/<project>/code-proposals/<proposal>/decline/ 401 404 404 403 403 403 200 200
GET    /api/v1/projects/<project>/codebook/revisions/            401 404 404 200 200 200 200 200
GET    /api/v1/projects/<project>/codebook/revisions/<number>/   401 404 404 200 200 200 200 200
GET    /api/v1/projects/<project>/codes/                         401 404 404 200 200 200 200 200
POST   /api/v1/projects/<project>/codes/                         401 404 404 403 403 403 201 201
GET    /api/v1/projects/<project>/codes/<code>/                  401 404 404 200 200 200 200 200
PATCH  /api/v1/projects/<project>/codes/<code>/                  401 404 404 403 403 403 200 200
DELETE /api/v1/projects/<project>/codes/<code>/                  401 404 404 403 403 403 409 409
POST   /api/v1/projects/<project>/codes/<code>/merge/            401 404 404 403 403 403 200 200
POST   /api/v1/projects/<project>/codes/<code>/move/             401 404 404 403 403 403 200 200
GET    /api/v1/projects/<project>/comparison/                    401 404 404 200 200 200 200 200
GET    /api/v1/projects/<project>/comparison/network/           401 404 404 200 200 200 200 200
GET    /api/v1/projects/<project>/comparison/passages/          401 404 404 200 200 200 200 200
GET    /api/v1/projects/<project>/decisions/                     401 404 404 403 403 403 200 200
POST   /api/v1/projects/<project>/decisions/adopt/               401 404 404 403 403 403 200 200
GET    /api/v1/projects/<project>/decisions/mine/                401 404 404 403 200 200 200 200
POST   /api/v1/projects/<project>/decisions/open/                401 404 404 403 403 403 403 204
GET    /api/v1/projects/<project>/decisions/<place>/             401 404 404 403 403 403 200 200
PUT    /api/v1/projects/<project>/decisions/<place>/             401 404 404 403 403 403 200 200
DELETE /api/v1/projects/<project>/decisions/<place>/             401 404 404 403 403 403 404 404
GET    /api/v1/projects/<project>/disagreements/                 401 404 404 403 200 200 200 200
GET    /api/v1/projects/<project>/disagreements/places/          401 404 404 403 200 200 200 200
GET    /api/v1/projects/<project>/events/                        401 404 404 200 200 200 200 200
GET    /api/v1/projects/<project>/export/                        401 404 404 200 200 200 200 200
GET    /api/v1/projects/<project>/export/<format>/               401 404 404 200 200 200 200 200
GET    /api/v1/projects/<project>/invitations/                   401 404 404 403 403 403 403 200
POST   /api/v1/projects/<project>/invitations/                   401 404 404 403 403 403 403 201
DELETE /api/v1/projects/<project>/invitations/<invitation>/      401 404 404 403 403 403 403 204
GET    /api/v1/projects/<project>/results-links/                    401 404 404 403 403 403 403 200
POST   /api/v1/projects/<project>/results-links/                    401 404 404 403 403 403 403 201
DELETE /api/v1/projects/<project>/results-links/<results_link>/     401 404 404 403 403 403 403 204
GET    /api/v1/projects/<project>/members/                       401 404 404 200 200 200 200 200
POST   /api/v1/projects/<project>/members/                       401 404 404 403 403 403 403 201
PATCH  /api/v1/projects/<project>/members/<username>/            401 404 404 403 403 403 403 200
DELETE /api/v1/projects/<project>/members/<username>/            401 404 404 403 403 403 403 204
POST   /api/v1/projects/<project>/restore/                       401 404 404 403 403 403 403 200
GET    /api/v1/projects/<project>/sources/                       401 404 404 200 200 200 200 200
POST   /api/v1/projects/<project>/sources/                       401 404 404 403 403 403 201 201
GET    /api/v1/projects/<project>/sources/<source>/              401 404 404 200 404 200 200 200
PATCH  /api/v1/projects/<project>/sources/<source>/              401 404 404 403 403 403 200 200
DELETE /api/v1/projects/<project>/sources/<source>/              401 404 404 403 403 403 204 204
GET    /api/v1/projects/<project>/sources/<source>/segments/     401 404 404 200 404 200 200 200
GET    /api/v1/projects/<project>/sources/<source>/text/         401 404 404 200 404 200 200 200
GET    /api/v1/projects/<project>/speakers/                      401 404 404 200 200 200 200 200
POST   /api/v1/projects/<project>/speakers/                      401 404 404 403 403 403 201 201
PATCH  /api/v1/projects/<project>/speakers/<speaker>/            401 404 404 403 403 403 200 200
POST   /api/v1/projects/<project>/speakers/<speaker>/merge/      401 404 404 403 403 403 200 200
DELETE /api/v1/projects/<project>/speakers/<speaker>/merge/      401 404 404 403 403 403 404 404
GET    /api/v1/projects/<project>/threads/                       401 404 404 403 200 200 200 200
POST   /api/v1/projects/<project>/threads/                       401 404 404 403 201 201 201 201
GET    /api/v1/projects/<project>/threads/<thread>/              401 404 404 403 200 200 200 200
PATCH  /api/v1/projects/<project>/threads/<thread>/              401 404 404 403 403 200 200 200
GET    /api/v1/projects/<project>/threads/<thread>/comments/     401 404 404 403 200 200 200 200
POST   /api/v1/projects/<project>/threads/<thread>/comments/     401 404 404 403 201 201 201 201
GET    /api/v1/projects/<project>/threads/<thread>/comments/<comment>/ 401 404 404 403 200 200 200 200
PATCH  /api/v1/projects/<project>/threads/<thread>/comments/<comment>/ 401 404 404 403 403 200 403 403
DELETE /api/v1/projects/<project>/threads/<thread>/comments/<comment>/ 401 404 404 403 403 204 403 403
POST   /api/v1/projects/<project>/threads/<thread>/proposal/     401 404 404 403 201 201 201 201
POST   /api/v1/projects/<project>/threads/<thread>/read/         401 404 404 403 200 200 200 200
GET    /api/v1/projects/<project>/webannotation/                 401 404 404 200 200 200 200 200
GET    /api/v1/schema/                                           200 200 200 200 200 200 200 200
GET    /join/<secret>/                                           302 200 200 200 200 200 200 200
POST   /join/<secret>/                                           302 302 302 409 409 409 409 409
GET    /results/<secret>/                                           404 404 404 404 404 404 404 404
GET    /results/<secret>/<rest>                                     404 404 404 404 404 404 404 404
GET    /robots.txt                                                  200 200 200 200 200 200 200 200
GET    /projects/<project>/                                      302 404 404 200 200 200 200 200
GET    /projects/<project>/agreement/                           302 404 404 200 200 200 200 200
GET    /projects/<project>/agreement/card/                      302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/citations.bib              302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/citations.ris              302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/codes.csv                  302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/codes.tsv                  302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/counted/                  302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/diagnostics/               302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/evidence/                  302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/figure.svg                 302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/mixed/                     302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/consensus.csv               302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/consensus/                  302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/mixed.csv                  302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/pairs.csv                  302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/precision.csv              302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/precision/                 302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/profiles.csv               302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/profiles/                  302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/remarks.csv                302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/sources.csv                302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/tables.csv                 302 404 404 403 200 200 200 200
GET    /projects/<project>/agreement/tables/                    302 404 404 403 200 200 200 200
GET    /projects/<project>/api/                                  302 404 404 200 200 200 200 200
GET    /projects/<project>/assignments/                          302 404 404 403 403 403 200 200
POST   /projects/<project>/assignments/                          302 404 404 403 403 403 302 302
GET    /projects/<project>/assignments/<assignment>/reopen/      302 404 404 403 403 403 302 302
POST   /projects/<project>/assignments/<assignment>/reopen/      302 404 404 403 403 403 302 302
GET    /projects/<project>/assignments/all/                      302 404 404 403 403 403 302 302
POST   /projects/<project>/assignments/all/                      302 404 404 403 403 403 302 302
GET    /projects/<project>/codebook/                             302 404 404 200 200 200 200 200
GET    /projects/<project>/codebook/<code>/delete/               302 404 404 403 403 403 302 302
POST   /projects/<project>/codebook/<code>/delete/               302 404 404 403 403 403 302 302
GET    /projects/<project>/codebook/<code>/edit/                 302 404 404 403 403 403 200 200
POST   /projects/<project>/codebook/<code>/edit/                 302 404 404 403 403 403 302 302
GET    /projects/<project>/speakers/                             302 404 404 200 200 200 200 200
GET    /projects/<project>/speakers/<speaker>/merge/             302 404 404 403 403 403 302 302
POST   /projects/<project>/speakers/<speaker>/merge/             302 404 404 403 403 403 302 302
GET    /projects/<project>/speakers/<speaker>/unmerge/           302 404 404 403 403 403 302 302
POST   /projects/<project>/speakers/<speaker>/unmerge/           302 404 404 403 403 403 404 404
GET    /projects/<project>/codebook/told-apart/                  302 404 404 403 403 403 200 200
GET    /projects/<project>/codebook/<code>/recolour/             302 404 404 403 403 403 302 302
POST   /projects/<project>/codebook/<code>/recolour/             302 404 404 403 403 403 302 302
GET    /projects/<project>/codebook/<code>/rename/               302 404 404 403 403 403 302 302
POST   /projects/<project>/codebook/<code>/rename/               302 404 404 403 403 403 302 302
GET    /projects/<project>/codebook/<code>/move/                 302 404 404 403 403 403 302 302
POST   /projects/<project>/codebook/<code>/move/                 302 404 404 403 403 403 302 302
GET    /projects/<project>/codebook/<code>/merge/                302 404 404 403 403 403 200 200
POST   /projects/<project>/codebook/<code>/merge/                302 404 404 403 403 403 302 302
GET    /projects/<project>/codebook/<code>/retire/               302 404 404 403 403 403 302 302
POST   /projects/<project>/codebook/<code>/retire/               302 404 404 403 403 403 302 302
GET    /projects/<project>/codebook/new/                         302 404 404 403 403 403 200 200
GET    /projects/<project>/codebook/new-list/                    302 404 404 403 403 403 200 200
POST   /projects/<project>/codebook/new-list/                    302 404 404 403 403 403 200 200
POST   /projects/<project>/codebook/new/                         302 404 404 403 403 403 302 302
GET    /projects/<project>/codebook/proposals/<proposal>/        302 404 404 403 403 403 200 200
POST   /projects/<project>/codebook/proposals/<proposal>/        302 404 404 403 403 403 302 302
GET    /projects/<project>/codebook/proposals/<proposal>/withdraw/ 302 404 404 404 404 200 403 403
POST   /projects/<project>/codebook/proposals/<proposal>/withdraw/ 302 404 404 403 404 302 403 403
GET    /projects/<project>/codebook/revisions/                   302 404 404 200 200 200 200 200
GET    /projects/<project>/codes.css                             302 404 404 200 200 200 200 200
GET    /projects/<project>/compare/                             302 404 404 200 200 200 200 200
GET    /projects/<project>/plans/                               302 404 404 403 403 403 200 200
POST   /projects/<project>/plans/                               302 404 404 403 403 403 200 200
GET    /projects/<project>/plans/hand-on/                       302 404 404 403 403 403 200 200
POST   /projects/<project>/plans/hand-on/                       302 404 404 403 403 403 200 200
GET    /projects/<project>/plans/<plan>/                        302 404 404 403 403 403 200 200
POST   /projects/<project>/plans/<plan>/                        302 404 404 403 403 403 200 200
GET    /projects/<project>/rounds/                              302 404 404 403 403 403 200 200
POST   /projects/<project>/rounds/                              302 404 404 403 403 403 302 302
GET    /projects/<project>/rounds/<round>/                      302 404 404 403 403 403 200 200
POST   /projects/<project>/rounds/<round>/                      302 404 404 403 403 403 200 200
GET    /projects/<project>/agreement/rounds/                    302 404 404 403 403 403 200 200
GET    /projects/<project>/agreement/rounds.csv                 302 404 404 403 403 403 200 200
GET    /projects/<project>/agreement/rounds.svg                 302 404 404 403 403 403 200 200
GET    /api/v1/projects/<project>/agreement/rounds/             401 404 404 403 403 403 200 200
GET    /projects/<project>/assignments/many/                     302 404 404 403 403 403 302 302
POST   /projects/<project>/assignments/many/                     302 404 404 403 403 403 302 302
GET    /projects/<project>/compare/matrix.csv             302 404 404 200 200 200 200 200
GET    /projects/<project>/compare/matrix.svg             302 404 404 200 200 200 200 200
GET    /projects/<project>/compare/network/                     302 404 404 200 200 200 200 200
GET    /projects/<project>/compare/network/edge/                302 404 404 422 422 422 422 422
GET    /projects/<project>/compare/network/edges.csv            302 404 404 200 200 200 200 200
GET    /projects/<project>/compare/network/figure.svg           302 404 404 200 200 200 200 200
GET    /projects/<project>/compare/network/network.gexf         302 404 404 200 200 200 200 200
GET    /projects/<project>/compare/network/network.graphml      302 404 404 200 200 200 200 200
GET    /projects/<project>/compare/network/nodes.csv            302 404 404 200 200 200 200 200
GET    /projects/<project>/compare/omissions/                   302 404 404 200 200 200 200 200
GET    /projects/<project>/compare/passages.csv                 302 404 404 200 200 200 200 200
GET    /projects/<project>/compare/passages/                    302 404 404 200 200 200 200 200
GET    /projects/<project>/compare/reading/                     302 404 404 200 200 200 200 200
GET    /projects/<project>/decide/                               302 404 404 403 403 403 302 302
GET    /projects/<project>/decide/<source>/                      302 404 404 403 403 403 200 200
POST   /projects/<project>/decide/<source>/                      302 404 404 403 403 403 409 409
GET    /projects/<project>/decide/<source>/adopt/                302 404 404 403 403 403 200 200
POST   /projects/<project>/decide/<source>/adopt/                302 404 404 403 403 403 302 302
GET    /projects/<project>/decide/<source>/hand-on/              302 404 404 403 403 403 200 200
POST   /projects/<project>/decide/<source>/hand-on/              302 404 404 403 403 403 302 302
GET    /projects/<project>/decide/<source>/weight/               302 404 404 403 403 403 302 302
GET    /projects/<project>/decide/decisions/                     302 404 404 403 403 403 200 200
GET    /projects/<project>/decide/go/                            302 404 404 403 403 403 302 302
GET    /projects/<project>/disagreements/                       302 404 404 403 200 200 200 200
GET    /projects/<project>/disagreements/<number>/              302 404 404 403 404 404 404 404
GET    /projects/<project>/decisions/mine/                       302 404 404 403 200 200 200 200
POST   /projects/<project>/decisions/mine/                       302 404 404 403 302 302 302 302
GET    /projects/<project>/decisions/opened/                     302 404 404 403 403 403 200 200
POST   /projects/<project>/decisions/opened/                     302 404 404 403 403 403 403 302
GET    /projects/<project>/practice/                             302 404 404 403 200 200 200 200
POST   /projects/<project>/practice/                             302 404 404 403 403 403 302 302
GET    /projects/<project>/practice/<assignment>/                302 404 404 403 404 404 404 404
POST   /projects/<project>/practice/<assignment>/                302 404 404 403 404 404 404 404
GET    /projects/<project>/practice/<assignment>/clear/          302 404 404 403 404 404 404 404
POST   /projects/<project>/practice/<assignment>/clear/          302 404 404 403 404 404 404 404
GET    /projects/<project>/practice/<assignment>/withdraw/       302 404 404 403 403 403 404 404
POST   /projects/<project>/practice/<assignment>/withdraw/       302 404 404 403 403 403 404 404
GET    /projects/<project>/export/                              302 404 404 200 200 200 200 200
GET    /projects/<project>/export/<format>/                     302 404 404 200 200 200 200 200
GET    /projects/<project>/history/                              302 404 404 200 200 200 200 200
GET    /projects/<project>/invitations/                          302 404 404 403 403 403 403 302
POST   /projects/<project>/invitations/                          302 404 404 403 403 403 403 200
GET    /projects/<project>/invitations/<invitation>/withdraw/    302 404 404 403 403 403 403 200
POST   /projects/<project>/invitations/<invitation>/withdraw/    302 404 404 403 403 403 403 302
GET    /projects/<project>/members/                              302 404 404 403 403 403 403 200
POST   /projects/<project>/members/                              302 404 404 403 403 403 403 302
GET    /projects/<project>/members/<username>/                   302 404 404 403 403 403 403 200
POST   /projects/<project>/members/<username>/                   302 404 404 403 403 403 403 302
GET    /projects/<project>/members/<username>/remove/            302 404 404 403 403 403 403 200
POST   /projects/<project>/members/<username>/remove/            302 404 404 403 403 403 403 302
GET    /projects/<project>/outsiders/<outsider>/tie/             302 404 404 403 403 403 403 404
POST   /projects/<project>/outsiders/<outsider>/tie/             302 404 404 403 403 403 403 404
GET    /projects/<project>/outsiders/<outsider>/untie/           302 404 404 403 403 403 403 302
POST   /projects/<project>/outsiders/<outsider>/untie/           302 404 404 403 403 403 403 404
GET    /projects/<project>/outsiders/tie/                        302 404 404 403 403 403 403 302
POST   /projects/<project>/outsiders/tie/                        302 404 404 403 403 403 403 302
GET    /projects/<project>/restore/                              302 404 404 403 403 403 403 302
POST   /projects/<project>/restore/                              302 404 404 403 403 403 403 302
GET    /projects/<project>/settings/                             302 404 404 403 403 403 403 200
POST   /projects/<project>/settings/                             302 404 404 403 403 403 403 302
GET    /projects/<project>/settings/delete/                      302 404 404 403 403 403 403 302
POST   /projects/<project>/settings/delete/                      302 404 404 403 403 403 403 302
GET    /projects/<project>/settings/results-links/                  302 404 404 403 403 403 403 200
POST   /projects/<project>/settings/results-links/                  302 404 404 403 403 403 403 200
GET    /projects/<project>/settings/results-links/<results_link>/revoke/ 302 404 404 403 403 403 403 200
POST   /projects/<project>/settings/results-links/<results_link>/revoke/ 302 404 404 403 403 403 403 302
GET    /projects/<project>/sources/<source>/                     302 404 404 200 404 200 200 200
POST   /projects/<project>/sources/<source>/                     302 404 404 200 404 200 200 200
GET    /projects/<project>/sources/<source>/edit/                302 404 404 403 403 403 200 200
POST   /projects/<project>/sources/<source>/edit/                302 404 404 403 403 403 302 302
GET    /projects/<project>/sources/<source>/remove/              302 404 404 403 403 403 200 200
POST   /projects/<project>/sources/<source>/remove/              302 404 404 403 403 403 302 302
GET    /projects/<project>/sources/<source>/restore/             302 404 404 403 403 403 302 302
POST   /projects/<project>/sources/<source>/restore/             302 404 404 403 403 403 302 302
GET    /projects/<project>/sources/new/                          302 404 404 403 403 403 200 200
POST   /projects/<project>/sources/new/                          302 404 404 403 403 403 302 302
GET    /projects/<project>/sources/removed/                      302 404 404 403 403 403 200 200
GET    /projects/<project>/threads/                              302 404 404 403 200 200 200 200
GET    /projects/<project>/threads/<thread>/                     302 404 404 403 200 200 200 200
POST   /projects/<project>/threads/<thread>/                     302 404 404 403 302 302 302 302
GET    /projects/<project>/threads/<thread>/comments/<comment>/  302 404 404 403 403 200 403 403
POST   /projects/<project>/threads/<thread>/comments/<comment>/  302 404 404 403 403 302 403 403
GET    /projects/<project>/threads/<thread>/comments/<comment>/delete/ 302 404 404 403 403 200 403 403
POST   /projects/<project>/threads/<thread>/comments/<comment>/delete/ 302 404 404 403 403 302 403 403
GET    /projects/<project>/threads/<thread>/propose/             302 404 404 403 200 200 200 200
POST   /projects/<project>/threads/<thread>/propose/             302 404 404 403 302 302 302 302
GET    /projects/<project>/threads/<thread>/resolve/             302 404 404 403 302 302 302 302
POST   /projects/<project>/threads/<thread>/resolve/             302 404 404 403 403 302 302 302
GET    /projects/<project>/threads/new/                          302 404 404 403 200 200 200 200
POST   /projects/<project>/threads/new/                          302 404 404 403 302 302 302 302
GET    /projects/new/                                            302 200 200 200 200 200 200 200
POST   /projects/new/                                            302 302 302 302 302 302 302 302
GET    /projects/restore/                                        302 403 403 403 403 403 403 403
POST   /projects/restore/                                        302 403 403 403 403 403 403 403
"""  # noqa: E501 one line for each address
