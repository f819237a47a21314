// @vitest-environment jsdom
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { parsePartial } from "@/bus";
import { Markdown, outward } from "./Markdown";
import { Readable } from "./Readable";

test("script tags and other HTML in a text stay text", () => {
  const { container } = render(<Markdown text={'<script>alert(1)</script>\n\nHello <img src=x onerror="alert(2)"> <iframe src="//x"></iframe> **bold**'} />);
  expect(container.querySelector("script, img, iframe")).toBeNull();
  expect(container.textContent).toContain('<script>alert(1)</script>');
  expect(container.textContent).toContain('onerror="alert(2)"');
  expect(container.querySelector("strong")?.textContent).toBe("bold");
});

test.each([
  ["javascript:alert(1)", undefined],
  ["JaVaScRiPt:alert(1)", undefined],
  ["\u0001javascript:alert(1)", undefined],
  ["data:text/html,<script>1</script>", undefined],
  ["vbscript:x", undefined],
  ["file:///etc/passwd", undefined],
  ["//elsewhere.example", undefined],
  ["/api/v1/stop", undefined],
  ["https://good.example@evil.example/", undefined],
  ["https://a.example/b?c=d#e", "https://a.example/b?c=d#e"],
  ["mailto:a@b.example", "mailto:a@b.example"],
])("a link to %s leads to %s", (href, leads) => {
  expect(outward(href)).toBe(leads);
});

test("tricks in Markdown links and pictures fetch and run nothing", () => {
  const tricks = '[a](javascript:alert(1)) ![b](http://elsewhere.example/x.png) [c](data:text/html,x) <javascript:alert(2)> [d]: javascript:alert(3)\n\n[d]';
  const { container } = render(<Markdown text={tricks} />);
  expect(container.querySelectorAll("a, img")).toHaveLength(0);
  expect(screen.getByText(/picture: b/)).toBeTruthy();
});

test("a text of five megabytes is shown without being parsed", () => {
  const { container } = render(<Markdown text={"**x** ".repeat(900_000)} />);
  expect(container.querySelector("strong")).toBeNull();
});

test("an answer that still grows is a page, never raw JSON", () => {
  const text = '{"title": "The Salt Road", "genre": "gothic", "acts": [{"name": "One", "summary": "A ferry that nev';
  const { container } = render(<Readable value={parsePartial(text) ?? null} />);
  expect(screen.getByRole("heading", { name: "The Salt Road" })).toBeTruthy();
  expect(screen.getByRole("heading", { name: "One" })).toBeTruthy();
  expect(container.textContent).toContain("A ferry that nev");
  expect(container.textContent).not.toMatch(/[{}"[\]]/);
});
