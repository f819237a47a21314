import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { makeQueryClient } from "./api/client";
import { BusContext, makeBus } from "./bus";
import { makeRouter } from "./router";
import "./styles/index.css";

const client = makeQueryClient();
const bus = makeBus(client);
const place = document.getElementById("root");
if (place)
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <BusContext value={bus}>
          <RouterProvider router={makeRouter(client)} />
        </BusContext>
      </QueryClientProvider>
    </StrictMode>,
  );
