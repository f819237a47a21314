import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import * as queries from "@/api/queries";
import { Empty, Failed, Loading, SelectField, Switch } from "@/kit";
import { setSingleKeys, singleKeys } from "@/commands/keys";
import { changeTheme, useTheme } from "@/shell/theme";
import { tSettings } from "@/texts/settings";
import { useState } from "react";
import { groupOf } from "./check";
import { settings } from "./queries";
import { SettingRow } from "./SettingRow";

const words = tSettings;
const page = getRouteApi("/settings");

/** Every setting with its value, where that came from, and what it is for. Saved as each field is left. */
export function Settings() {
  const { project } = page.useSearch();
  const navigate = page.useNavigate();
  const overview = useQuery(queries.overview());
  const { data, error, refetch } = useQuery(settings(project));
  const groups = Map.groupBy(data?.items ?? [], (setting) => groupOf(setting.key));
  return (
    <div className="flex max-w-[960px] flex-col gap-6 px-4 py-4 wide:px-6">
      <header className="flex flex-wrap items-end gap-3">
        <div className="min-w-0 flex-1 max-desk:basis-full">
          <h1 className="text-4 font-semibold">{words.title}</h1>
          <p className="max-w-measure text-muted">{words.intro}</p>
        </div>
        <SelectField
          label={words.scope}
          value={project ?? ""}
          onChange={(event) => void navigate({ search: event.target.value === "" ? {} : { project: event.target.value } })}
          className="w-56"
        >
          <option value="">{words.studio}</option>
          {overview.data?.projects.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </SelectField>
      </header>
      {error && <Failed error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={words.title} rows={8} />}
      {data?.items.length === 0 && <Empty>{words.empty}</Empty>}
      {[...groups].map(([group, list]) => (
        <section key={group} aria-label={group}>
          <h2 className="border-b border-line pb-1 font-medium">{group}</h2>
          <ul>
            {list.map((setting) => (
              <SettingRow key={`${project ?? ""}.${setting.key}`} setting={setting} project={project} />
            ))}
          </ul>
        </section>
      ))}
      <ThisPage />
    </div>
  );
}

/** What only this browser keeps. */
function ThisPage() {
  const theme = useTheme();
  const [keys, setKeys] = useState(singleKeys);
  return (
    <section aria-label={words.groups["page"]}>
      <h2 className="border-b border-line pb-1 font-medium">{words.groups["page"]}</h2>
      <div className="flex flex-wrap gap-6 py-2">
        <Switch label={`${words.theme}: ${theme === "dark" ? words.dark : words.light}`} checked={theme === "dark"} onChange={changeTheme} />
        <Switch
          label={words.singleKeys}
          checked={keys}
          onChange={(on) => {
            setSingleKeys(on);
            setKeys(on);
          }}
        />
      </div>
    </section>
  );
}
