import { Link, Outlet, useMatches } from "@tanstack/react-router";
import { Menu as MenuIcon, Moon, PanelRight, Search, Sun } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { listen, mac } from "@/commands/keys";
import { Button, classes, Dialog, Toasts } from "@/kit";
import { t } from "@/texts";
import { AsideContext, type AsideSlot } from "./Aside";
import { Footer } from "./Footer";
import { arrange, useLayout } from "./layout";
import { useSize } from "./media";
import { Nav } from "./Nav";
import { openPalette, paletteStore } from "./palette";
import { useOpenProject, useProject } from "./project";
import { Separator } from "./Separator";
import { changeTheme, useTheme } from "./theme";
import { useShellCommands } from "./useShellCommands";

const words = t.shell;

// Loaded when first asked for.
const Palette = lazy(() => import("./Palette").then(({ Palette }) => ({ default: Palette })));
const Keys = lazy(() => import("./Keys").then(({ Keys }) => ({ default: Keys })));

/** The workshop: left what exists, in the middle the work, right what the crew knows and says, below how it stands. */
export function Shell() {
  const size = useSize();
  const layout = useLayout();
  const [keys, setKeys] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const [place, setPlace] = useState<HTMLElement | null>(null);
  const [asideTitle, setAsideTitle] = useState<string>();
  // On narrow windows the side pane is asked for; beside the work it is there.
  const [asked, setAsked] = useState(false);

  const palette = useSyncExternalStore(paletteStore.subscribe, paletteStore.get).open;
  useEffect(listen, []);
  useShellCommands(useCallback(() => setKeys(true), []));
  const title = useTitle();
  const fill = useCallback((title: string) => {
    setAsideTitle(title);
    return () => setAsideTitle(undefined);
  }, []);
  const slot = useMemo<AsideSlot>(() => ({ place, fill }), [place, fill]);

  const narrow = size === "tablet" || layout.narrowNav;
  const asideShown = asideTitle !== undefined && (size === "desk" ? layout.aside : asked);
  const toggleAside = () => (size === "desk" ? arrange({ aside: !layout.aside }) : setAsked(!asked));
  return (
    <AsideContext value={slot}>
      <div className="flex h-dvh flex-col">
        <a href="#main" className="sr-only z-50 bg-raised focus:not-sr-only focus:absolute focus:p-2">
          {words.skip}
        </a>
        <Header title={title} phone={size === "phone"} aside={asideTitle !== undefined} asideShown={asideShown} onNav={() => setDrawer(true)} onAside={toggleAside} />
        <div className="relative flex min-h-0 flex-1">
          {size !== "phone" && (
            <nav aria-label={words.nav} className={classes("shrink-0 overflow-y-auto border-r border-line bg-pane", narrow ? "w-14" : "w-[200px]")}>
              <Nav narrow={narrow} />
            </nav>
          )}
          <main id="main" tabIndex={-1} className="min-w-0 flex-1 overflow-y-auto -outline-offset-2">
            <Outlet />
          </main>
          {asideShown && size !== "phone" && (
            <aside
              aria-label={words.context}
              style={{ width: layout.asideWidth }}
              className={classes("relative flex shrink-0 flex-col border-l border-line bg-pane", size === "tablet" && "rise absolute inset-y-0 right-0 z-20 shadow-floating")}
            >
              <Separator width={layout.asideWidth} />
              <div ref={setPlace} className="flex min-h-0 flex-1 flex-col" />
            </aside>
          )}
        </div>
        <Footer />
      </div>
      {size === "phone" && (
        <Dialog open={drawer} onClose={() => setDrawer(false)} title={words.name} shape="drawer">
          <nav aria-label={words.nav} className="-mx-4">
            <Nav narrow={false} onGo={() => setDrawer(false)} />
          </nav>
        </Dialog>
      )}
      {size === "phone" && (
        <Dialog open={asideShown} onClose={() => setAsked(false)} title={asideTitle ?? words.context} shape="sheet">
          <div ref={setPlace} className="-mx-4" />
        </Dialog>
      )}
      <Suspense>
        {palette && <Palette />}
        {keys && <Keys open onClose={() => setKeys(false)} />}
      </Suspense>
      <Toasts />
    </AsideContext>
  );
}

type HeaderProps = { title: string; phone: boolean; aside: boolean; asideShown: boolean; onNav: () => void; onAside: () => void };

function Header({ title, phone, aside, asideShown, onNav, onAside }: HeaderProps) {
  const theme = useTheme();
  const project = useProject(useOpenProject());
  return (
    <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line bg-pane pr-2 pl-4">
      {phone && (
        <Button look="quiet" iconOnly icon={<MenuIcon size={18} aria-hidden />} onClick={onNav} className="-ml-2">
          {words.openNav}
        </Button>
      )}
      <Link to="/" className="font-serif text-2 font-semibold tracking-tight max-desk:hidden">
        {words.name}
      </Link>
      <p className="flex min-w-0 flex-1 items-baseline gap-2 text-muted">
        {project && (
          <>
            <span aria-hidden className="max-desk:hidden">
              /
            </span>
            <span className="truncate text-ink">{project.name}</span>
          </>
        )}
        <span aria-hidden className={project ? undefined : "max-desk:hidden"}>
          /
        </span>
        <span className="truncate">{title}</span>
      </p>
      <button
        type="button"
        onClick={() => openPalette()}
        className="flex h-8 items-center gap-2 rounded-control border border-line px-2.5 text-muted hover:border-strong hover:text-ink"
      >
        <Search size={14} aria-hidden />
        <span className="max-desk:sr-only">{words.palette.title}</span>
        <kbd className="kbd max-desk:hidden">{mac ? "⌘ K" : "Ctrl K"}</kbd>
      </button>
      <Button look="quiet" iconOnly icon={theme === "dark" ? <Sun size={16} aria-hidden /> : <Moon size={16} aria-hidden />} onClick={changeTheme}>
        {theme === "dark" ? words.theme.toLight : words.theme.toDark}
      </Button>
      {aside && (
        <Button look="quiet" iconOnly aria-pressed={asideShown} icon={<PanelRight size={16} aria-hidden />} onClick={onAside}>
          {asideShown ? words.hideContext : words.showContext}
        </Button>
      )}
    </header>
  );
}

/** The window's title follows the page. */
function useTitle(): string {
  const title = useMatches({ select: (matches) => matches.findLast((match) => match.staticData.title)?.staticData.title ?? "" });
  useEffect(() => {
    document.title = title ? `${title} · ${words.name}` : words.name;
  }, [title]);
  return title;
}
