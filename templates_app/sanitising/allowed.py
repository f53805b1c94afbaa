"""The allow-lists. Everything that they do not name is removed."""

import re


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


TAGS = _names("""
    html head body title meta style
    a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn
    div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q s
    samp section small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr map area
    picture source link
""")
VOID_TAGS = _names("area br col hr img link meta source wbr")
#: Elements that become another one, which looks the same and does nothing.
REPLACED = {"button": "span"}
# Removed together with their content, which runs, loads or is not meant for the eye. Of other unknown elements (video,
# form, marquee and so on) only the tags are removed: what is inside is what mail programs without them show.
DROPPED_WITH_CONTENT = _names("""
    script iframe frame frameset embed base svg math template textarea select option optgroup datalist input noscript
    noembed noframes xmp plaintext track canvas portal dialog bgsound param isindex keygen xml
""")

EVERYWHERE = _names("""
    style class id align valign width height bgcolor background border bordercolor cellpadding cellspacing role dir lang
    title color face size colspan rowspan hspace vspace nowrap summary scope aria-label aria-hidden aria-labelledby
    aria-describedby aria-roledescription xml:lang itemscope itemtype itemprop
""")
PER_TAG = {
    "a": _names("href target name rel"),
    "area": _names("href target shape coords alt rel"),
    "map": _names("name"),
    "img": _names("src alt srcset sizes usemap loading"),
    "source": _names("srcset media type sizes"),
    "link": _names("href rel type media"),
    "html": _names("xmlns xmlns:v xmlns:o xmlns:w"),
    "style": _names("type media"),
    "meta": _names("name content charset http-equiv itemprop"),
    "ol": _names("start type reversed"),
    "ul": _names("type"),
    "li": _names("value type"),
    "col": _names("span"),
    "colgroup": _names("span"),
    "td": _names("headers abbr"),
    "th": _names("headers abbr"),
    "table": _names("frame rules"),
    "hr": _names("noshade"),
    "br": _names("clear"),
    "time": _names("datetime"),
    "body": _names("text link vlink alink leftmargin topmargin marginwidth marginheight"),
}
OF_TAG = {tag: EVERYWHERE | names for tag, names in PER_TAG.items()}
URL_ATTRIBUTES = _names("href src background o:href")
IMAGE_ATTRIBUTES = _names("src background")
# Calendars, calls, maps, chats and shops of apps. Each opens a program that asks before it does anything.
APP_PROTOCOLS = _names("""
    webcal webcals sip sips xmpp geo maps comgooglemaps facetime facetime-audio callto skype whatsapp tg viber sgnl line
    fb-messenger msteams zoommtg zoomus market itms itms-apps itms-appss spotify
""")
PROTOCOLS = _names("http https mailto tel sms cid") | APP_PROTOCOLS
# Style sheets of these hosts have only fonts. They stay in the mail; our own pages don't load them (Content Security
# Policy).
FONT_HOSTS = _names("""
    fonts.googleapis.com fonts.bunny.net use.typekit.net fast.fonts.net fast.fonts.com cloud.typography.com
    api.fontshare.com fonts.cdnfonts.com rsms.me
""")
FONT_SHEET = re.compile(
    rf"https://(?:{'|'.join(map(re.escape, sorted(FONT_HOSTS)))})/[\w.~:/?#\[\]@!$&*+,;=%|-]*", re.IGNORECASE
)
NAMESPACE = re.compile(r"(?:https?://|urn:)[\w.:/-]{1,100}")

META_NAMES = _names("""
    viewport color-scheme supported-color-schemes format-detection x-apple-disable-message-reformatting description
    generator author progid originator robots
""")
META_EQUIVALENTS = {
    "content-type": re.compile(r"text/html(?:;\s*charset=(?:utf-8|\"utf-8\"))?", re.IGNORECASE),
    "x-ua-compatible": re.compile(r"[\w=.;, -]{1,40}"),
    "content-language": re.compile(r"[\w, -]{1,40}"),
}

DOCTYPE_PUBLIC = re.compile(r"-//W3C//DTD X?HTML [\w. ]{1,30}//EN", re.IGNORECASE)
DOCTYPE_SYSTEM = re.compile(r"https?://www\.w3\.org/TR/[\w/.-]{1,80}", re.IGNORECASE)

# Outlook: lower-case name -> canonical spelling, because its XML is case-sensitive.
OUTLOOK_NAMES = {
    name.lower(): name
    for name in [
        "xml",
        "noscript",
        "o:OfficeDocumentSettings",
        "o:AllowPNG",
        "o:PixelsPerInch",
        "o:p",
        "v:roundrect",
        "v:rect",
        "v:fill",
        "v:textbox",
        "v:image",
        "v:stroke",
        "v:shape",
        "v:shapetype",
        "v:path",
        "v:background",
        "v:oval",
        "v:line",
        "w:anchorlock",
        "w:WordDocument",
        "w:View",
        "w:Zoom",
        "w:DontUseAdvancedTypographyReadingMail",
    ]
}
OUTLOOK_TAGS = (TAGS - {"html", "head", "body", "link", "meta", "title"}) | frozenset(OUTLOOK_NAMES)
OUTLOOK_ATTRIBUTES = _names("""
    href target src alt arcsize stroke stroked strokecolor strokeweight fill filled fillcolor inset type aspect position
    origin on o:href xmlns xmlns:v xmlns:o xmlns:w esdevvmlbutton coordsize coordorigin path opacity angle focus
""")

CSS_PROPERTIES = (
    _names("""
    azimuth bottom box-shadow box-sizing caption-side clear clip color color-scheme supported-color-schemes
    column-count column-gap column-width
    direction display empty-cells float font font-family font-feature-settings font-kerning font-size font-size-adjust
    font-stretch font-style font-variant font-weight gap height hyphens left letter-spacing line-height list-style
    list-style-type list-style-position list-style-image max-height max-width min-height min-width object-fit
    object-position opacity order orphans outline outline-color outline-offset outline-style outline-width overflow
    overflow-wrap overflow-x overflow-y page-break-after page-break-before page-break-inside pointer-events position
    quotes right row-gap tab-size table-layout top transform transform-origin transition unicode-bidi vertical-align
    visibility white-space widows width word-break word-spacing word-wrap z-index zoom line-break
    background background-attachment background-blend-mode background-clip background-color background-image
    background-origin background-position background-repeat background-size
    border border-collapse border-color border-image border-radius border-spacing border-style border-width
    border-bottom border-left border-right border-top border-bottom-left-radius border-bottom-right-radius
    border-top-left-radius border-top-right-radius
    margin margin-bottom margin-left margin-right margin-top padding padding-bottom padding-left padding-right
    padding-top margin-block margin-inline padding-block padding-inline
    flex flex-basis flex-direction flex-flow flex-grow flex-shrink flex-wrap align-content align-items align-self
    justify-content justify-items justify-self
    text-align text-align-last text-decoration text-decoration-color text-decoration-line text-decoration-style
    text-decoration-thickness text-indent text-overflow text-rendering text-shadow text-size-adjust text-transform
    text-underline-offset text-wrap
    animation animation-delay animation-direction animation-duration animation-fill-mode animation-iteration-count
    animation-name animation-timing-function
    aspect-ratio accent-color appearance -webkit-appearance backface-visibility content counter-increment counter-reset
    backdrop-filter filter mix-blend-mode isolation clip-path will-change perspective user-select -webkit-user-select
    inset inset-block inset-inline column-fill column-rule column-span columns break-after break-before break-inside
    background-position-x background-position-y border-block border-inline inline-size block-size max-inline-size
    min-inline-size max-block-size min-block-size font-variant-caps font-variant-ligatures font-variant-numeric
    font-variation-settings font-synthesis font-optical-sizing image-rendering overflow-anchor all
    grid grid-area grid-auto-columns grid-auto-flow grid-auto-rows grid-column grid-column-end grid-column-gap
    grid-column-start grid-gap grid-row grid-row-end grid-row-gap grid-row-start grid-template grid-template-areas
    grid-template-columns grid-template-rows place-content place-items place-self rotate scale translate
    text-emphasis text-emphasis-color text-emphasis-style text-orientation text-size-adjust transition-delay
    transition-duration transition-property transition-timing-function writing-mode white-space-collapse
    border-image-outset border-image-repeat border-image-slice border-image-source border-image-width
    -webkit-border-top-left-radius -webkit-border-top-right-radius -webkit-border-bottom-left-radius
    -webkit-border-bottom-right-radius -webkit-text-stroke -webkit-tap-highlight-color -webkit-line-clamp
    -webkit-box-orient -webkit-animation-name -webkit-animation-duration -webkit-transition -ms-transform
    -webkit-background-clip -webkit-hyphens -ms-hyphens -moz-hyphens -webkit-filter
    v-text-anchor -webkit-text-size-adjust -moz-text-size-adjust -ms-text-size-adjust -ms-interpolation-mode
    -webkit-font-smoothing -moz-osx-font-smoothing -webkit-text-fill-color -webkit-border-radius -moz-border-radius
    -webkit-box-shadow -webkit-box-sizing -moz-box-sizing -webkit-animation -webkit-transform cursor
""")
    | frozenset(
        f"{box}-{side}"
        for box in ("margin", "padding", "inset", "border")
        for side in ("block", "inline", "block-start", "block-end", "inline-start", "inline-end")
    )
    | frozenset(
        f"border-{side}-{part}" for side in ("top", "right", "bottom", "left") for part in ("color", "style", "width")
    )
)
FONT_FACE_PROPERTIES = _names("src unicode-range font-display")
# Custom properties hold a value until `var()` puts it into a property; both are checked like any other value.
CSS_PREFIXES = ("mso-", "--")
CSS_FUNCTIONS = _names("""
    url rgb rgba hsl hsla calc min max clamp linear-gradient radial-gradient repeating-linear-gradient
    repeating-radial-gradient conic-gradient -webkit-linear-gradient -webkit-radial-gradient cubic-bezier steps
    format local rect minmax repeat fit-content translate translatex translatey translate3d scale scalex scaley scale3d
    rotate rotatex rotatey rotatez rotate3d skew skewx skewy matrix matrix3d perspective light-dark
    var env counter counters hwb lab lch oklab oklch color color-mix image-set -webkit-image-set cross-fade
    blur brightness contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia
    inset circle ellipse polygon repeating-conic-gradient tech type
""")
CSS_AT_RULES = _names("media supports font-face viewport -ms-viewport keyframes -webkit-keyframes -moz-keyframes")

# Filters that are allowed in a merge tag that decides where a link goes. None of them can cut a part out of a value.
LINK_FILTERS = _names("default append prepend url url_encode url_escape escape escape_once strip lstrip rstrip")
# Liquid tags that are allowed inside an attribute value.
ATTRIBUTE_BLOCKS = _names("if elsif else endif unless endunless case when endcase for endfor break continue cycle")
