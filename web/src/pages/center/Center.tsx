import { useQuery } from "@tanstack/react-query";
import * as queries from "@/api/queries";
import { Failed, Loading } from "@/kit";
import { t } from "@/texts";

export function Center() {
  const { data, error, refetch } = useQuery(queries.overview());
  return (
    <div className="p-6">
      <h1 className="sr-only">{t.center.title}</h1>
      {error && <Failed error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={t.center.title} />}
    </div>
  );
}
