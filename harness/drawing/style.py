"""The stylesheet for all pages: light or dark as on the reader's system, from 320 pixels up, AA contrast."""

from __future__ import annotations

from typing import Final

STYLE: Final = """\
:root{color-scheme:light dark;--page:#fff;--card:#f6f7f9;--line:#c9ced6;--text:#1b1f24;--quiet:#56606b;
--link:#0a58a8;--good:#176b2c;--good-back:#e3f4e6;--bad:#b3141f;--bad-back:#fde7e8;--warn:#7a4b00;
--warn-back:#fdf0d5;--run:#0a58a8;--run-back:#e2eefb;--edge:#8a939e;--fold:#dfe3e8}
@media(prefers-color-scheme:dark){:root{--page:#14171b;--card:#1d2126;--line:#3d444d;--text:#e8eaed;
--quiet:#a3adb8;--link:#7cb7f5;--good:#7fd491;--good-back:#16321c;--bad:#ff9a9e;--bad-back:#44191c;
--warn:#f3c369;--warn-back:#3a2b0c;--run:#8ac0fa;--run-back:#152b44;--edge:#77808b;--fold:#2b3138}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
overflow-wrap:anywhere}
body>header,main,body>footer{max-width:1180px;margin:0 auto;padding:0 16px}
main{padding-bottom:48px}
h1{font-size:1.5rem;line-height:1.25;margin:24px 0 8px}
h2{font-size:1.2rem;line-height:1.3;margin:32px 0 8px}
h3{font-size:1.02rem;margin:20px 0 6px}
p{margin:6px 0}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
code,pre{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:8px 10px;margin:6px 0;
white-space:pre-wrap;overflow-wrap:anywhere}
summary{cursor:pointer;padding:3px 0}
ul,ol{padding-left:22px;margin:6px 0}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:5px 10px 5px 0;border-bottom:1px solid var(--line)}
th{color:var(--quiet);font-weight:600}
table.failures td:first-child{min-width:9.5em;width:26%}
.quiet{color:var(--quiet)}
.good,.succeeded{color:var(--good)}
.bad,.failed{color:var(--bad)}
.warn,.caught,.retried,.stopped{color:var(--warn)}
.running{color:var(--run)}
.none{color:var(--quiet)}
.mark{display:inline-block;min-width:1.1em;text-align:center}
.card{border:1px solid var(--line);border-left:5px solid var(--edge);border-radius:8px;background:var(--page);
padding:10px 16px;margin:14px 0}
.card.is-failed{border-left-color:var(--bad)}
.card.is-succeeded{border-left-color:var(--good)}
.card.is-stopped{border-left-color:var(--warn)}
.card>summary{padding:2px 0}
.card>summary h2{display:inline;margin:0;font-size:1.05rem}
.card>h2:first-child{margin-top:4px}
.tally{display:flex;flex-wrap:wrap;gap:8px;list-style:none;padding:0;margin:12px 0}
.tally li{border:1px solid var(--line);border-radius:16px;padding:2px 12px;background:var(--card)}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;list-style:none;padding:0;font-size:13px;color:var(--quiet)}
.lines{border-left:4px solid var(--bad);white-space:pre;overflow:auto}
.wide{overflow-x:auto;padding:4px 0;margin:8px 0}
.value{margin:4px 0}
.visits{list-style:none;padding-left:4px;margin:4px 0}
.visits>li.more,.branches>li.more{color:var(--quiet);padding:3px 0 3px 18px}
.visit>div{border-left:2px solid var(--line);margin:2px 0 8px 7px;padding:2px 0 2px 14px}
.visit>div:target{border-left-color:var(--link);background:var(--card)}
.visit .name{font-weight:600}
.branches{list-style:none;padding-left:0}
.branches>li+li{border-top:1px dashed var(--line)}
.events{list-style:none;padding-left:0}
.task{margin:6px 0}
svg{display:block;font:600 13px/1 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
text{fill:var(--text)}
text.small{font-weight:400;font-size:11.5px;fill:var(--quiet)}
text.label{font-weight:400;font-size:11px;fill:var(--quiet);text-anchor:middle;paint-order:stroke;
stroke:var(--page);stroke-width:4px;stroke-linejoin:round}
svg a:focus-visible{outline:none}
svg a:focus-visible rect{stroke:var(--link);stroke-width:4}
.parts{position:absolute}
.boxes rect{fill:var(--card);stroke:var(--edge);stroke-width:1.5;stroke-dasharray:4 3}
.boxes{color:var(--edge);stroke:var(--edge);stroke-width:1.3;fill:none}
.boxes circle{fill:var(--edge);stroke:none}
.boxes .ring{fill:none;stroke:var(--edge);stroke-width:1.5}
.l{fill:none}
.catch.l{stroke-dasharray:5 4}
.arrow{stroke-width:0;fill:currentColor}
.taken{color:var(--text);stroke:var(--text);stroke-width:2.2}
.over{pointer-events:none}
.graph text.mark{font-size:14px;text-anchor:middle}
.graph text.count{text-anchor:end;font-weight:600}
.s{fill:var(--card);stroke:var(--edge);stroke-width:2}
.s.succeeded{fill:var(--good-back);stroke:var(--good)}
.s.failed{fill:var(--bad-back);stroke:var(--bad);stroke-width:3}
.s.caught,.s.retried,.s.stopped{fill:var(--warn-back);stroke:var(--warn)}
.s.running{fill:var(--run-back);stroke:var(--run);stroke-width:3}
.s.box{fill:none}
.hit{fill:transparent;stroke:none;cursor:pointer}
.hit:hover{stroke:var(--link);stroke-width:2}
text.succeeded{fill:var(--good)}
text.failed{fill:var(--bad)}
text.caught,text.retried,text.stopped{fill:var(--warn)}
text.running{fill:var(--run)}
.axis{stroke:var(--line);fill:none}
.fold{fill:var(--fold)}
.bar{stroke:var(--page);stroke-width:.5;fill:var(--edge)}
.bar.succeeded{fill:var(--good)}
.bar.failed{fill:var(--bad)}
.bar.running{fill:var(--run)}
.bar.caught,.bar.retried,.bar.stopped{fill:var(--warn)}
@media(max-width:600px){body{font-size:16px}body>header,main,body>footer{padding:0 10px}
.card{padding:8px 10px}
table.failures td{display:block;width:auto}table.failures thead{display:none}
table.failures td:first-child{width:auto;border-bottom:0;padding-bottom:0}
.visit>div{padding-left:8px;margin-left:4px}.visits{padding-left:0}}
"""
"""The stylesheet. Its class names match the elements that this package creates."""
